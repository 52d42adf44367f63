"""The page of one issue: one of its events, all of them, its tags."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from tradewatch.core.faults import Invalid
from tradewatch.core.panels import render_panels
from tradewatch.dashboard.event_page import event_context
from tradewatch.dashboard.issue_chart import events_chart, range_of
from tradewatch.dashboard.issue_events import EventPage, list_events
from tradewatch.dashboard.issue_facts import KEYS_BESIDE, VALUES_BESIDE, VALUES_ON_THE_TAB, tag_groups
from tradewatch.dashboard.issue_lines import badge_of
from tradewatch.dashboard.issue_links import IssueLinks
from tradewatch.dashboard.pages import actor_of, may_act, page, show
from tradewatch.dashboard.releases.release_lines import deployments_of_version
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.triage_page import activity_context, similar_context, triage_context
from tradewatch.errors.families import all_events_of, events_of
from tradewatch.errors.insights import likely_release, user_share
from tradewatch.errors.models import Event, Issue

Context = dict[str, Any]
KEPT_COUNTED = 1000  # of an issue's events: how many more are kept would take longer than its page
TAGS_BESIDE_BYTES, TAGS_TAB_BYTES = 9_000, 90_000


@page
def issue(request: HttpRequest, scope: Scope, issue_id: int, event_id: UUID | None = None) -> HttpResponse:
    """Show the issue: with the event asked for, else its newest, or one of the tabs that `?tab=` names."""
    found = _visible_issue(scope, issue_id)
    shown = all_events_of(found).select_related("stored", "release")
    event = get_object_or_404(shown, event_id=event_id) if event_id else None
    tab = request.GET.get("tab", "") if event_id is None else ""
    template, read = TABS.get(tab, TABS[""])
    if template == TABS[""][0] and event is None:
        newest = events_of(found).select_related("stored", "release")
        event = newest.order_by("-timestamp", "-id").first()
    links = IssueLinks(found, scope, request.GET)
    context = {
        **_about(request, scope, found, links),
        "tabs": links.tabs(tab),
        "event": event,
        **read(request, scope, found, event, links),
    }
    crumb = f"{found.project.slug}-{found.number}".upper()
    crumbs = [("Issues", reverse("issues") + scope.query)]
    return show(request, scope, template, context, crumb=crumb, crumbs=crumbs, about=found.project_id)


@page
def event_json(request: HttpRequest, scope: Scope, issue_id: int, event_id: UUID) -> JsonResponse:
    """Answer the stored document as it is; with `?download=1` as a file."""
    found = _visible_issue(scope, issue_id)
    event = get_object_or_404(all_events_of(found).select_related("stored"), event_id=event_id)
    answer = JsonResponse(event.payload, json_dumps_params={"indent": 2, "ensure_ascii": False})
    if request.GET.get("download"):
        answer["Content-Disposition"] = f'attachment; filename="event-{event.event_id.hex}.json"'
    return answer


# --- what the tabs show ----------------------------------------------------------------------------------------------
def _about(request: HttpRequest, scope: Scope, found: Issue, links: IssueLinks) -> Context:
    """Return what stands around every tab."""
    now = timezone.now()
    chosen = range_of(scope, request.GET, found, now=now)
    badge, badge_style = badge_of(found, now)
    suspect = likely_release(found)
    return {
        "issue": found,
        "kept_count": len(all_events_of(found).values_list("pk")[: KEPT_COUNTED + 1]),  # simulated ones too, a few
        "kept_counted": KEPT_COUNTED,
        "badge": badge,
        "badge_style": badge_style,
        "chart": events_chart(found, chosen, scope.environment, now=now),
        "range_choices": links.ranges(chosen),
        "users": user_share(found, now=now),
        "suspect": suspect,
        "suspect_href": links.search("release", suspect.version) if suspect else "",
        "suspect_deployments": deployments_of_version(found.project_id, suspect.version) if suspect else (),
        "first_release_href": links.search("release", found.first_release.version) if found.first_release else "",
        "panels": render_panels("issue", found.pk),
        **triage_context(found, actor_of(request), may_act=may_act(request, (found.project_id,))),
    }


def _event(request: HttpRequest, scope: Scope, found: Issue, event: Event | None, links: IssueLinks) -> Context:
    beside = tag_groups(found, values=VALUES_BESIDE, keys=KEYS_BESIDE, bytes_left=TAGS_BESIDE_BYTES)
    context = {"tags_beside": links.with_links(beside), "tags_href": links.tab("tags")}
    if event is None:
        return context
    return {**context, **event_context(found, event, links, request.GET)}


def _events(request: HttpRequest, scope: Scope, found: Issue, event: Event | None, links: IssueLinks) -> Context:
    search = request.GET.get("q", "").strip()[:500]
    cursor = request.GET.get("cursor")
    fault, listed = "", EventPage([], None)
    try:
        listed = list_events(found, search=search, environment=scope.environment, cursor=cursor)
    except Invalid as refused:
        if "q" not in refused.errors:
            raise
        fault = refused.errors["q"][0]
    return {
        "events": listed.rows,
        "looked_at": listed.looked_at,
        "search": search,
        "search_fault": fault,
        "hidden": {**scope.values(), "tab": "events"},
        "older_page": links.tab("events", q=search, cursor=listed.next) if listed.next else "",
        "first_page": links.tab("events", q=search) if cursor else "",
    }


def _tags(request: HttpRequest, scope: Scope, found: Issue, event: Event | None, links: IssueLinks) -> Context:
    return {"tags": links.with_links(tag_groups(found, values=VALUES_ON_THE_TAB, bytes_left=TAGS_TAB_BYTES))}


def _similar(request: HttpRequest, scope: Scope, found: Issue, event: Event | None, links: IssueLinks) -> Context:
    return similar_context(found)


def _activity(request: HttpRequest, scope: Scope, found: Issue, event: Event | None, links: IssueLinks) -> Context:
    return activity_context(found, actor_of(request))


Read = Callable[[HttpRequest, Scope, Issue, Event | None, IssueLinks], Context]
TABS: dict[str, tuple[str, Read]] = {
    "": ("dashboard/issue/event.html", _event),
    "events": ("dashboard/issue/events.html", _events),
    "tags": ("dashboard/issue/tags.html", _tags),
    "similar": ("dashboard/issue/similar.html", _similar),
    "activity": ("dashboard/issue/activity.html", _activity),
}


def _visible_issue(scope: Scope, issue_id: int) -> Issue:
    rows = Issue.objects.select_related(
        "project",
        "classified_by",
        "first_release",
        "last_release",
        "assignee",
        "assigned_team",
        "merged_into",
        "resolved_in_release",
    )
    return get_object_or_404(rows, pk=issue_id, project__in=scope.projects)
