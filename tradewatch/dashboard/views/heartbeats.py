"""Heartbeats: the list with how each stands, and the page of one with its history and how to report to it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from alerts.heartbeats.queries import cells_of, heartbeats_of, wrong_first
from alerts.heartbeats.services import pause, resume, schedule_words
from alerts.models import Heartbeat
from tradewatch.core.actors import Actor
from tradewatch.dashboard.heartbeats.page import BADGES, page_of
from tradewatch.dashboard.pages import actor_of, page, show, staff_only
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.projects.access import visible_projects

SHOWN_AT_MOST = 200


@page
def heartbeats(request: HttpRequest, scope: Scope) -> HttpResponse:
    rows = wrong_first(heartbeats_of(scope.project_ids, scope.environment or None)[:SHOWN_AT_MOST])
    cells = cells_of([row.pk for row in rows])
    lines = [
        {"row": row, "cells": cells[row.pk], "schedule": schedule_words(row), "badge": BADGES.get(row.state, "")}
        for row in rows
    ]
    return show(
        request, scope, "dashboard/heartbeats.html", {"lines": lines}, crumb="Cron monitors", live=("heartbeats",)
    )


@page
def heartbeat(request: HttpRequest, scope: Scope, heartbeat_id: int) -> HttpResponse:
    rows = Heartbeat.objects.select_related("project").filter(project__in=scope.projects)
    found = get_object_or_404(rows, pk=heartbeat_id)
    context = page_of(found, scope.range, request.GET.dict(), now=timezone.now())
    crumbs = [("Cron monitors", reverse("heartbeats") + scope.query)]
    return show(
        request,
        scope,
        "dashboard/heartbeat.html",
        context,
        crumb=found.name,
        crumbs=crumbs,
        about=found.project_id,
        has_ranges=True,
        live=("heartbeats",),
    )


def _pause(actor: Actor, row: Heartbeat) -> Heartbeat:
    return pause(actor, row, now=timezone.now())


def _resume(actor: Actor, row: Heartbeat) -> Heartbeat:
    return resume(actor, row, now=timezone.now())


SWITCHES = {"pause": Action(_pause, "Paused", undo="resume"), "resume": Action(_resume, "Resumed", undo="pause")}


@staff_only
@require_POST
def switch_heartbeat(request: HttpRequest, heartbeat_id: int, action: str) -> HttpResponse:
    if action not in SWITCHES:
        raise Http404(f"no action {action}")
    row = get_object_or_404(Heartbeat, pk=heartbeat_id, project__in=visible_projects(actor_of(request)))
    undo_url = reverse("switch-heartbeat", args=[row.pk, SWITCHES[action].undo])
    return act(request, SWITCHES[action], row, title=row.name, undo_url=undo_url, otherwise=row.get_absolute_url())
