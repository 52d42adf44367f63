"""The admin page "What if": other values for a target, over the last 90 days, and a button that promises them."""

import logging
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextInputWidget

from alerts.replay.nights import Night
from sla.admin.forms import PromiseForm
from sla.models import Target
from sla.rules import PROMISED
from sla.services.targets import promise_of, update_target
from sla.whatif.answers import answer, shown
from tradewatch.calendars.wall_clock import zone_named
from tradewatch.core.admin import faults_as_messages
from tradewatch.projects.scoped_admin import admin_actor

logger = logging.getLogger(__name__)


class WhatIfForm(PromiseForm):
    """What one would promise, what counts as night, and the reason if it is to be saved."""

    night_from = forms.TimeField(initial="22:00", widget=UnfoldAdminTextInputWidget)
    night_to = forms.TimeField(initial="07:00", widget=UnfoldAdminTextInputWidget)
    night_zone = forms.CharField(initial="UTC", label="night in", widget=UnfoldAdminTextInputWidget)
    reason = forms.CharField(
        required=False, max_length=300, widget=UnfoldAdminTextInputWidget, help_text="Needed to save it as a version."
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_night_zone(self) -> str:
        zone: str = self.cleaned_data["night_zone"]
        try:
            zone_named(zone)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "save" in self.data and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Say why: it stands with the version for good.")
        return cleaned

    def night(self) -> Night:
        given = self.cleaned_data
        return Night(given["night_zone"], given["night_from"], given["night_to"])


def whatif_page(request: HttpRequest, target: Target, *, may_save: bool) -> HttpResponse:
    """Render the page, or save what was tried. Trying changes nothing: whoever may see a target may."""
    form = WhatIfForm(request.POST if request.method == "POST" else None, instance=target)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "form": form,
        "target": target,
        "may_save": may_save,
        "title": f"What if: {target.metric_name}",
    }
    if form.is_bound and form.is_valid():
        if "save" in request.POST:
            return _save(request, target, form, may_save=may_save)
        newest = form.newest
        if newest is not None:
            newest.target = target
            context["answer"] = shown(answer(newest, form.promise, now=timezone.now()), form.night())
            context["is_same"] = form.promise == promise_of(newest)
    return render(request, "sla/admin/whatif.html", context)


def _save(request: HttpRequest, target: Target, form: WhatIfForm, *, may_save: bool) -> HttpResponse:
    if not may_save:
        raise PermissionDenied
    values = {name: getattr(form.promise, name) for name in PROMISED}
    given = form.cleaned_data
    with faults_as_messages(request):
        saved = update_target(
            admin_actor(request),
            target,
            values,
            reason=given["reason"],
            seen_number=given.get("seen"),
            now=timezone.now(),
        )
        done = (
            f"Version {saved.version.number} is in force." if saved.is_new else "It says so already: nothing to save."
        )
        messages.success(request, done)
        for warning in saved.warnings:
            messages.warning(request, warning)
    return HttpResponseRedirect(reverse("admin:sla_target_change", args=[target.pk]))
