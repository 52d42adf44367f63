"""The page of one issue with one of its events."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from tradewatch.core.panels import render_panels
from tradewatch.dashboard.document import read_document
from tradewatch.dashboard.issue_facts import events_chart, neighbours, tag_shares
from tradewatch.dashboard.issue_lines import badge_of
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.models import Event, Issue


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
