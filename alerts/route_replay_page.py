"""The admin page "Replay a change of it": a route, changed, over the alerts of the last days, before it is saved."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminNullBooleanSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from alerts.engine.tree import read_tree
from alerts.models import Alert, Route
from alerts.replay.messages import RoutedAlert
from alerts.replay.requests import past_alert
from alerts.replay.trees import compare
from alerts.replay_page import NightForm
from tradewatch.projects.access import visible_projects
from tradewatch.projects.scoped_admin import admin_actor

MOST_ALERTS = 10_000  # the newest; the page says when there were more
LISTED = 50
_SECONDS = ("group_wait_seconds", "group_interval_seconds", "repeat_interval_seconds")


class RouteReplayForm(NightForm, forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """The route's own fields and checks, for looking: it is never saved."""

    class Meta:
        model = Route
        fields = (
            "is_enabled",
            "position",
            "matchers",
            "goes_on",
            "group_by",
            *_SECONDS,
            "sends_resolved",
            "tells_nobody",
        )
        widgets = {
            "is_enabled": UnfoldBooleanWidget,
            "position": UnfoldAdminIntegerFieldWidget,
            "matchers": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "goes_on": UnfoldBooleanWidget,
            "group_by": UnfoldAdminTextInputWidget,
            **dict.fromkeys(_SECONDS, UnfoldAdminIntegerFieldWidget),
            "sends_resolved": UnfoldAdminNullBooleanSelectWidget,
            "tells_nobody": UnfoldAdminNullBooleanSelectWidget,
        }


def route_replay_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Render the page. It changes nothing, so whoever may see routes may ask; over the projects they may see."""
    route = get_object_or_404(Route, pk=pk)
    form = RouteReplayForm(request.GET if "days" in request.GET else None, instance=route)
    context: dict[str, Any] = {**admin.site.each_context(request), "form": form, "route": route, "title": "Replay"}
    if form.is_bound and form.is_valid():
        until = timezone.now()
        alerts, is_cut = _alerts(request, since=until - timedelta(days=form.cleaned_data["days"]), until=until)
        night = form.night()
        found = compare(alerts, read_tree(), read_tree(instead=form.instance), until=until, night=night)
        lists = (
            ("Not told any more", found.lost),
            ("Told later", found.later),
            ("Told that was not", found.gained),
            ("Told by another route", found.moved),
        )
        context |= {
            "found": found,
            "night": night,
            "alerts": len(alerts),
            "is_cut": is_cut,
            "lists": [(label, len(changes), changes[-LISTED:][::-1]) for label, changes in lists],
        }
    return render(request, "alerts/admin/replay_route.html", context)


def _alerts(request: HttpRequest, *, since: datetime, until: datetime) -> tuple[list[RoutedAlert], bool]:
    projects = list(visible_projects(admin_actor(request)).values_list("pk", flat=True))
    rows = Alert.objects.filter(project_id__in=projects, simulated="", starts_at__gte=since, starts_at__lt=until)
    newest = list(rows.select_related("project", "team", "rule").order_by("-starts_at")[: MOST_ALERTS + 1])
    return [past_alert(alert) for alert in reversed(newest[:MOST_ALERTS])], len(newest) > MOST_ALERTS
