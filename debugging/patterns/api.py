"""/debug/patterns, and those of one issue."""

import re
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from debugging.choices import PatternKind
from debugging.contexts.api import ISSUE, issue_id_of
from debugging.models import Pattern
from debugging.patterns.queries import last_run, patterns_about, patterns_in
from debugging.patterns.serializers import (
    IssuePatternsAnswer,
    PatternAnswer,
    PatternChangeRequest,
    PatternPage,
    PatternRunAnswer,
)
from debugging.patterns.services import analyse_issue, dismiss_pattern, restore_pattern
from tradewatch.core.api import read_as
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT
from tradewatch.errors.models import Issue
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

KIND = OpenApiParameter("kind", str, enum=PatternKind.values)
DISMISSED = OpenApiParameter("dismissed", str, enum=["true", "false", "all"], description="default: false")
MOST_OF_ISSUE = 200
_SHORT_ID = re.compile(r"(.+)-(\d{1,9})\Z")


class Patterns(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_patterns_list",
        summary="Patterns of issues, those found last first",
        parameters=[PROJECT, ENVIRONMENT, ISSUE, KIND, DISMISSED, *PAGE],
        responses=PatternPage,
    )
    def get(self, request: Request) -> Response:
        rows = patterns_in(self.visible_project_ids(request), self.environment_of(request))
        asked = request.query_params
        if kind := asked.get("kind"):
            if kind not in PatternKind.values:
                raise Invalid("bad kind", errors={"kind": [f"expected one of {', '.join(PatternKind.values)}"]})
            rows = rows.filter(kind=kind)
        if issue := asked.get("issue"):
            rows = rows.filter(pk__in=patterns_about(issue_id_of(issue)).values("pk"))
        dismissed = asked.get("dismissed", "false")
        if dismissed not in ("true", "false", "all"):
            raise Invalid("bad dismissed", errors={"dismissed": ["expected true, false or all"]})
        if dismissed != "all":
            rows = rows.filter(dismissed_at__isnull=dismissed == "false")
        return self.paginate(request, rows, lambda row: PatternAnswer(row).data, order=("-found_at", "-id"))


class OnePattern(ApiView):
    read_scope = Scope.DEBUG_READ
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(operation_id="debug_pattern_read", summary="One pattern", responses=PatternAnswer)
    def get(self, request: Request, pattern_id: int) -> Response:
        return Response(PatternAnswer(self._visible(request, pattern_id)).data)

    @extend_schema(
        operation_id="debug_pattern_change",
        summary="Dismiss a pattern, or take that back",
        request=PatternChangeRequest,
        responses=PatternAnswer,
    )
    def patch(self, request: Request, pattern_id: int) -> Response:
        said = read_as(PatternChangeRequest, request.data)
        row = self._visible(request, pattern_id)
        change = dismiss_pattern if said["dismissed"] else restore_pattern
        change(self.actor_of(request), row, now=timezone.now())
        return Response(PatternAnswer(self._visible(request, pattern_id)).data)

    def _visible(self, request: Request, pattern_id: int) -> Pattern:
        row = patterns_in(self.visible_project_ids(request)).filter(pk=pattern_id).first()
        if row is None:
            raise Unknown("no such pattern")
        return row


class IssuePatterns(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_issue_patterns",
        summary="An issue's patterns, the strongest first",
        description=f"The issue by its id or its short id (TRADE-12). Dismissed ones are left out, and what is beyond "
        f"the strongest {MOST_OF_ISSUE}: `/debug/patterns?issue=` pages through all.",
        responses=IssuePatternsAnswer,
    )
    def get(self, request: Request, key: str) -> Response:
        return Response(_answer(visible_issue(self, request, key)))


class IssueAnalysis(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_issue_analyse",
        summary="Look for an issue's patterns now",
        request=None,
        responses=IssuePatternsAnswer,
    )
    def post(self, request: Request, key: str) -> Response:
        issue = visible_issue(self, request, key)
        analyse_issue(self.actor_of(request), issue, now=timezone.now())
        return Response(_answer(issue))


def visible_issue(view: ApiView, request: Request, key: str) -> Issue:
    """Return the issue with this id or short id. Raises `Unknown`."""
    rows = Issue.objects.filter(project__in=view.visible_project_ids(request)).select_related("project")
    short = _SHORT_ID.match(key)
    if key.isascii() and key.isdigit() and len(key) <= 18:
        found = rows.filter(pk=int(key)).first()
    else:
        found = rows.filter(project__slug__iexact=short[1], number=int(short[2])).first() if short else None
    if found is None:
        raise Unknown("no such issue: expected its id, or its short id such as TRADE-12")
    return found


def _answer(issue: Issue) -> dict[str, Any]:
    run = last_run(issue.project_id)
    rows = patterns_about(issue.pk).filter(dismissed_at=None)[:MOST_OF_ISSUE]
    return {
        "results": PatternAnswer(rows, many=True).data,
        "analysed": None if run is None else PatternRunAnswer(run).data,
    }
