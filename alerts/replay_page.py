"""The admin page "Replay": a rule, perhaps changed, over the last days, before it is switched on or saved."""

import logging
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from alerts.measures.faults import faults_of
from alerts.models import AlertRule
from alerts.replay.apart import replay_apart
from alerts.replay.nights import Night
from alerts.replay.requests import LONGEST_DAYS, Asked
from tradewatch.core.faults import Invalid
from tradewatch.projects.access import visible_projects
from tradewatch.projects.scoped_admin import admin_actor

logger = logging.getLogger(__name__)


class NightForm(forms.Form):
    """How far back, and what counts as night."""

    days = forms.IntegerField(
        min_value=1, max_value=LONGEST_DAYS, initial=LONGEST_DAYS, widget=UnfoldAdminIntegerFieldWidget
    )
    night_from = forms.TimeField(initial="22:00", widget=UnfoldAdminTextInputWidget)
    night_to = forms.TimeField(initial="07:00", widget=UnfoldAdminTextInputWidget)
    zone = forms.CharField(initial="UTC", label="night in", widget=UnfoldAdminTextInputWidget)

    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"]
        if zone not in available_timezones():
            raise ValidationError("not a time zone, e.g. Europe/London")
        return zone

    def night(self) -> Night:
        given = self.cleaned_data
        return Night(given["zone"], given["night_from"], given["night_to"])


class ReplayForm(NightForm, forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What one would change. Never saved."""

    class Meta:
        model = AlertRule
        fields = ("threshold", "window_seconds", "for_seconds", "minimum_count", "severity")
        widgets = {
            "threshold": UnfoldAdminDecimalFieldWidget,
            "window_seconds": UnfoldAdminIntegerFieldWidget,
            "for_seconds": UnfoldAdminIntegerFieldWidget,
            "minimum_count": UnfoldAdminIntegerFieldWidget,
            "severity": UnfoldAdminSelectWidget,
        }

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook: `instance` has the values now
        if not self.errors:
            for name, fault in faults_of(self.instance).items():
                self.add_error(name if name in self.fields else None, fault)


def replay_page(request: HttpRequest, rules: Any, pk: int) -> HttpResponse:
    """Render the page; `rules` are those the person may see. It changes nothing, so whoever may see a rule may ask."""
    rule = rules.filter(pk=pk).first()
    if rule is None:
        raise Http404("no such rule")
    form = ReplayForm(request.GET if "days" in request.GET else None, instance=rule)
    context: dict[str, Any] = {**admin.site.each_context(request), "form": form, "rule": rule, "title": "Replay"}
    if form.is_bound and form.is_valid():
        asked = _asked(request, form)
        context |= {"since": asked.since, "until": asked.until, "night": asked.night}
        try:
            context["answer"] = _shown(replay_apart(asked), asked.night)
        except Invalid as fault:
            logger.warning("replay failed rule=%s reason=%s", pk, fault.__cause__)
            context["fault"] = fault.detail
    return render(request, "alerts/admin/replay.html", context)


def _asked(request: HttpRequest, form: ReplayForm) -> Asked:
    draft: AlertRule = form.instance
    seen = visible_projects(admin_actor(request)).values_list("pk", flat=True)
    ids = [pk for pk in seen if draft.project_id in (None, pk)]
    if not ids:
        raise PermissionDenied
    return Asked(
        rule=draft,
        rule_id=draft.pk,
        project_ids=tuple(sorted(ids)),
        until=timezone.now(),
        days=form.cleaned_data["days"],
        night=form.night(),
    )


def _shown(answer: dict[str, Any], night: Night) -> dict[str, Any]:
    """Moments as moments, in the zone of the night beside UTC; each figure with what it was in truth."""
    for firing in answer["firings"]:
        starts = datetime.fromisoformat(firing["starts_at"])
        firing["starts_at"] = starts
        firing["ended_at"] = datetime.fromisoformat(firing["ended_at"]) if firing["ended_at"] else None
        firing["local"] = starts.astimezone(ZoneInfo(night.zone)).strftime("%a %H:%M")
        firing["at_night"] = night.holds(starts)
    names = (("fired", "Alerts"), ("pages", "Pages"), ("night_pages", "At night"))
    answer["figures"] = [(label, answer[key], answer["before"][key]) for key, label in names]
    return answer
