"""The list of issues, and the page of one with one of its events."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from tradewatch.core.paging import read_page
from tradewatch.core.panels import render_panels
from tradewatch.dashboard.document import read_document
from tradewatch.dashboard.issue_lines import badge_of, make_lines
from tradewatch.dashboard.issue_reads import SORTS, events_chart, find_issues, neighbours, tag_shares
from tradewatch.dashboard.pages import Choice, page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.choices import IssueState
from tradewatch.errors.models import Event, Issue

PAGE_SIZE = 25


@page
def issues(request: HttpRequest, scope: Scope) -> HttpResponse:
    """List issues by state, in one of three orders, by pages that new issues do not shift."""
    asked = request.GET
    state = _one_of(asked.get("state"), IssueState.values)
    sort = _one_of(asked.get("sort"), list(SORTS))
    search = asked.get("q", "").strip()[:200]
    found = find_issues(scope.project_ids, state=state, search=search, environment=scope.environment)
    rows = read_page(found, order=SORTS[sort].order, cursor=asked.get("cursor"), size=PAGE_SIZE)
    kept = {**scope.values(), "state": state, "sort": sort, "q": search}
    context = {
        "lines": make_lines(rows.rows, now=timezone.now()),
        "search": search,
        "states": [_choice(kept, "state", each.value, each.label, state) for each in IssueState],
        "sorts": [_choice(kept, "sort", name, each.label, sort) for name, each in SORTS.items()],
        "older": _link({**kept, "cursor": rows.next}) if rows.next else "",
        "is_first": not asked.get("cursor"),
        "first_page": _link(kept),
        "hidden": {name: value for name, value in kept.items() if name != "q"},
    }
    return show(request, scope, "dashboard/issues.html", context, crumb="Issues")


@page
def issue(request: HttpRequest, scope: Scope, issue_id: int, event_id: UUID | None = None) -> HttpResponse:
    """Show the issue with the event asked for, else its newest."""
    found = _visible_issue(scope, issue_id)
    events = Event.objects.filter(issue=found).select_related("stored", "release")
    event = get_object_or_404(events, event_id=event_id) if event_id else events.order_by("-timestamp", "-id").first()
    now = timezone.now()
    badge, badge_style = badge_of(found, now)
    context: dict[str, Any] = {
        "issue": found,
        "badge": badge,
        "badge_style": badge_style,
        "chart": events_chart(found, now=now),
        "tags": tag_shares(found),
        "panels": render_panels("issue", found.pk),
        **_event_context(event),
    }
    crumb = f"{found.project.slug}-{found.number}".upper()
    crumbs = [("Issues", reverse("issues") + scope.query)]
    return show(request, scope, "dashboard/issue.html", context, crumb=crumb, crumbs=crumbs, about=found.project_id)


@page
def event_json(request: HttpRequest, scope: Scope, issue_id: int, event_id: UUID) -> JsonResponse:
    """Answer the stored document as it is."""
    found = _visible_issue(scope, issue_id)
    event = get_object_or_404(Event.objects.select_related("stored"), issue=found, event_id=event_id)
    return JsonResponse(event.payload, json_dumps_params={"indent": 2, "ensure_ascii": False})


def _event_context(event: Event | None) -> dict[str, Any]:
    if event is None:
        return {"event": None}
    older, newer = neighbours(event)
    return {"event": event, "document": read_document(event.payload), "older": older, "newer": newer}


def _visible_issue(scope: Scope, issue_id: int) -> Issue:
    rows = Issue.objects.select_related("project", "classified_by", "first_release", "last_release")
    return get_object_or_404(rows, pk=issue_id, project__in=scope.projects)


def _one_of(asked: str | None, known: list[str]) -> str:
    """Return what was asked for, else the first of `known`: an old link should still open."""
    return asked if asked in known else known[0]


def _choice(kept: dict[str, str], name: str, value: str, label: str, chosen: str) -> Choice:
    return Choice(label, _link({**kept, name: value}), value == chosen)


def _link(values: Mapping[str, str | None]) -> str:
    return "?" + urlencode({name: value for name, value in values.items() if value})
