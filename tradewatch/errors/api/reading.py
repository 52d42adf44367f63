"""/error-tracking/issues: what is read."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.faults import Unknown
from tradewatch.core.openapi import PAGE, PROJECT
from tradewatch.errors import insights
from tradewatch.errors.activity import activity_of
from tradewatch.errors.families import all_events_of
from tradewatch.errors.issue_lists import frequent_tags, list_issues, with_all_shown
from tradewatch.errors.issue_serializers import (
    SORTS,
    ActivityAnswer,
    ActivityPage,
    EventAnswer,
    EventPage,
    EventQuery,
    EventWithPayload,
    IssueAnswer,
    IssueDetail,
    IssueInsights,
    IssuePage,
    IssueQuery,
    SimilarList,
)
from tradewatch.errors.models import Issue
from tradewatch.inbox.event_ids import normal_event_id
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

ACTIVITY_SHOWN = 20


class IssueView(ApiView):
    """Looks an issue up among those that the caller may see."""

    read_scope: ClassVar[Scope | None] = Scope.ERRORS_READ

    def issue_of(self, request: Request, issue_id: int) -> Issue:
        visible = Issue.objects.filter(project__in=self.visible_project_ids(request), pk=issue_id)
        issue = with_all_shown(visible, self.actor_of(request)).first()
        if issue is None:
            raise Unknown("no such issue")
        return issue


class Issues(IssueView):
    @extend_schema(
        operation_id="error_tracking_issues_list",
        summary="Issues that fit",
        parameters=[PROJECT, IssueQuery, *PAGE],
        responses=IssuePage,
    )
    def get(self, request: Request) -> Response:
        asked = IssueQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted: dict[str, Any] = dict(asked.validated_data)
        order = SORTS[wanted["sort"]]
        found = list_issues(self.visible_project_ids(request), wanted, self.actor_of(request), now=timezone.now())
        return self.paginate(request, found, lambda issue: IssueAnswer(issue).data, order=order)


class OneIssue(IssueView):
    @extend_schema(summary="An issue with its numbers, releases and newest activity", responses=IssueDetail)
    def get(self, request: Request, issue_id: int) -> Response:
        issue = self.issue_of(request, issue_id)
        counts = insights.release_counts(issue)
        parts: dict[str, Any] = {
            "tags": frequent_tags(issue),
            "releases": [each for each in counts if each.events],
            "suspect_release": insights.likely_release(issue),
            "user_share": insights.user_share(issue, now=timezone.now()),
            "members": insights.members_of(issue),
            "activity": activity_of(issue)[:ACTIVITY_SHOWN],
            "latest_event": insights.newest_event(issue),
        }
        return Response({**IssueAnswer(issue).data, **IssueInsights(parts).data})


class Similar(IssueView):
    @extend_schema(summary="Issues that look alike: suggestions for a merge, with why", responses=SimilarList)
    def get(self, request: Request, issue_id: int) -> Response:
        found = insights.similar_issues(self.issue_of(request, issue_id), limit=10)
        return Response(SimilarList({"results": found}).data)


class IssueActivity(IssueView):
    @extend_schema(summary="What happened to an issue, the newest first", parameters=PAGE, responses=ActivityPage)
    def get(self, request: Request, issue_id: int) -> Response:
        entries = activity_of(self.issue_of(request, issue_id))
        return self.paginate(request, entries, lambda entry: ActivityAnswer(entry).data, order=("-id",))


class IssueEvents(IssueView):
    @extend_schema(
        operation_id="error_tracking_issues_events_list",
        summary="Stored events of an issue, the newest first",
        parameters=[EventQuery, *PAGE],
        responses=EventPage,
    )
    def get(self, request: Request, issue_id: int) -> Response:
        asked = EventQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        events = all_events_of(self.issue_of(request, issue_id)).select_related("release")
        if "environment" in asked.validated_data:
            events = events.filter(environment=asked.validated_data["environment"])
        if "release" in asked.validated_data:
            events = events.filter(release__version=asked.validated_data["release"])
        return self.paginate(request, events, lambda event: EventAnswer(event).data, order=("-timestamp", "-id"))


class OneEvent(IssueView):
    @extend_schema(summary="One event with its document", responses=EventWithPayload)
    def get(self, request: Request, issue_id: int, event_id: str) -> Response:
        events = all_events_of(self.issue_of(request, issue_id)).select_related("release", "stored")
        known = normal_event_id(event_id)
        event = events.filter(event_id=known).first() if known else None
        if event is None:
            raise Unknown("no such event of this issue")
        return Response(EventWithPayload(event).data)
