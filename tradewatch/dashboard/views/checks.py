"""Checks: the list with how each stands, the page of one, and the buttons on it."""

from dataclasses import replace
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from alerts.heartbeats.queries import heartbeats_of
from tradewatch.core.actors import Actor
from tradewatch.dashboard import words
from tradewatch.dashboard.checks.listing import SHOWN_AT_MOST, WINDOWS, headline, lines_of
from tradewatch.dashboard.checks.page import page_of
from tradewatch.dashboard.pages import actor_of, page, show, staff_only
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.performance.checks.choices import CheckState
from tradewatch.performance.checks.plans import Answer
from tradewatch.performance.checks.queries import checks_of
from tradewatch.performance.checks.services import pause_check, resume_check, run_now
from tradewatch.performance.models import Check
from tradewatch.projects.access import visible_projects


@page
def checks(request: HttpRequest, scope: Scope) -> HttpResponse:
    now = timezone.now()
    rows = list(checks_of(scope.project_ids, scope.environment or None)[: SHOWN_AT_MOST + 1])
    span = scope.range.span(now)
    lines = lines_of(rows[:SHOWN_AT_MOST], span.start, min(span.end, now), now=now)
    context = {
        "lines": lines,
        "headline": headline(lines) if lines else "",
        "is_cut": len(rows) > SHOWN_AT_MOST,
        "windows": [name for name, _ in WINDOWS],
        "monitors": heartbeats_of(scope.project_ids, scope.environment or None).count(),
    }
    return show(
        request, scope, "dashboard/checks/list.html", context, crumb="Checks", has_ranges=True, live=("checks",)
    )


@page
def check(request: HttpRequest, scope: Scope, check_id: int) -> HttpResponse:
    found = get_object_or_404(Check.objects.select_related("project").filter(project__in=scope.projects), pk=check_id)
    context = page_of(found, scope.range, request.GET.dict(), now=timezone.now())
    return show(
        request,
        scope,
        "dashboard/checks/page.html",
        {**context, "windows": [name for name, _ in WINDOWS], "is_paused": found.state == CheckState.PAUSED},
        crumb=found.name,
        crumbs=[("Checks", reverse("checks") + scope.query)],
        about=found.project_id,
        has_ranges=True,
        live=("checks",),
        keeps={"show": "failures"} if context["only_failures"] else {},
    )


def _pause(actor: Actor, row: Check, *, reason: str = "") -> Check:
    return pause_check(actor, row, reason=reason, now=timezone.now())


def _resume(actor: Actor, row: Check) -> Check:
    return resume_check(actor, row, now=timezone.now())


def _answer_words(answer: Answer) -> str:
    took = f" in {words.seconds(answer.seconds)}" if answer.seconds is not None else ""
    return f"{answer.level.label}, {answer.detail}{took}"


SWITCHES = {
    "pause": Action(_pause, "Paused", undo="resume"),
    "resume": Action(_resume, "Resumed", undo="pause"),
    "run": Action(run_now, _answer_words),
}


@staff_only
@require_POST
def act_on_check(request: HttpRequest, check_id: int, action: str) -> HttpResponse:
    if action not in SWITCHES:
        raise Http404(f"no action {action}")
    row = get_object_or_404(Check, pk=check_id, project__in=visible_projects(actor_of(request)))
    chosen = SWITCHES[action]
    if action == "pause" and (reason := request.POST.get("reason", "").strip()[:150]):
        chosen = replace(chosen, act=partial(_pause, reason=reason))
    undo_url = reverse("act-on-check", args=[row.pk, chosen.undo]) if chosen.undo else None
    return act(request, chosen, row, title=row.name, undo_url=undo_url, otherwise=row.get_absolute_url())
