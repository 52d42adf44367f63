from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from debugging.models import Pattern
from debugging.patterns.services import analyse_issue, dismiss_pattern, restore_pattern
from tradewatch.core.actors import Actor
from tradewatch.dashboard.debugging.patterns import patterns_page
from tradewatch.dashboard.pages import actor_of, page, show, staff_only
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.errors.models import Issue
from tradewatch.projects.access import visible_projects


@page
def patterns(request: HttpRequest, scope: Scope) -> HttpResponse:
    context = patterns_page(scope, request.GET.dict())
    keeps = {name: request.GET[name] for name in ("kind", "dismissed") if request.GET.get(name)}
    crumbs = [("Debugging", reverse("debugging") + scope.query)]
    return show(
        request,
        scope,
        "debugging/patterns.html",
        context,
        crumb="Patterns",
        crumbs=crumbs,
        keeps=keeps,
        live=("debug",),
    )


@staff_only
@require_POST
def act_on_pattern(request: HttpRequest, pattern_id: int, action: str) -> HttpResponse:
    if action not in ACTIONS:
        raise Http404(f"no action {action}")
    row = get_object_or_404(Pattern, pk=pattern_id, project__in=visible_projects(actor_of(request)))
    do, done, undo = ACTIONS[action]
    undo_url = reverse("act-on-pattern", args=[row.pk, undo])
    otherwise = f"{reverse('patterns')}?issue={row.issue_id}"
    return act(request, Action(do, done, undo), row, title=row.summary[:80], undo_url=undo_url, otherwise=otherwise)


@staff_only
@require_POST
def analyse(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Look for an issue's patterns now."""
    rows = Issue.objects.filter(project__in=visible_projects(actor_of(request))).select_related("project")
    issue = get_object_or_404(rows, pk=issue_id)
    action = Action(
        lambda actor, row: analyse_issue(actor, row, now=timezone.now()), lambda found: f"{len(found)} patterns found"
    )
    otherwise = f"{reverse('patterns')}?issue={issue.pk}"
    return act(request, action, issue, title=issue.title, undo_url=None, otherwise=otherwise)


def _dismiss(actor: Actor, row: Pattern) -> Pattern:
    return dismiss_pattern(actor, row, now=timezone.now())


def _restore(actor: Actor, row: Pattern) -> Pattern:
    return restore_pattern(actor, row, now=timezone.now())


ACTIONS: dict[str, tuple[Callable[[Actor, Any], Any], str, str]] = {
    "dismiss": (_dismiss, "Dismissed", "restore"),
    "restore": (_restore, "Shown again", "dismiss"),
}
