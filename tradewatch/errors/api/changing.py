"""/error-tracking/issues/{id}/...: what is done to an issue. Each answers the issue, and `undo` to take it back."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID, uuid4

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.actors import Actor
from tradewatch.core.faults import Unknown
from tradewatch.errors.api.reading import IssueView
from tradewatch.errors.assignees import named_assignee
from tradewatch.errors.issue_serializers import (
    AssignRequest,
    BookmarkRequest,
    BulkAnswer,
    BulkRequest,
    IgnoreRequest,
    IssueAnswer,
    IssueChanged,
    MergeRequest,
    NothingAsked,
    PriorityRequest,
    ResolveRequest,
    UndoAnswer,
    UndoRequest,
)
from tradewatch.errors.models import Activity, Issue
from tradewatch.errors.services import (
    assign_issue,
    bookmark_issue,
    change_issues,
    ignore_issue,
    merge_issues,
    remove_bookmark,
    reopen_issue,
    resolve_issue,
    set_priority,
    undo_change,
    unmerge_issue,
)
from tradewatch.projects.choices import Scope

Asked = dict[str, Any]
Act = Callable[[Actor, Issue, Asked, UUID], object]


def resolve(actor: Actor, issue: Issue, asked: Asked, undo: UUID) -> object:
    return resolve_issue(actor, issue, in_release=asked["in_release"], undo_token=undo)


def ignore(actor: Actor, issue: Issue, asked: Asked, undo: UUID) -> object:
    conditions = {name: asked[name] for name in ("until", "events", "users")}
    return ignore_issue(actor, issue, **conditions, undo_token=undo)


def reopen(actor: Actor, issue: Issue, asked: Asked, undo: UUID) -> object:
    return reopen_issue(actor, issue, undo_token=undo)


def assign(actor: Actor, issue: Issue, asked: Asked, undo: UUID) -> object:
    return assign_issue(actor, issue, named_assignee(asked["assignee"], actor), undo_token=undo)


def prioritise(actor: Actor, issue: Issue, asked: Asked, undo: UUID) -> object:
    return set_priority(actor, issue, asked["priority"], undo_token=undo)


def bookmark(actor: Actor, issue: Issue, asked: Asked, undo: UUID) -> object:
    return bookmark_issue(actor, issue) if asked["bookmarked"] else remove_bookmark(actor, issue)


def unmerge(actor: Actor, issue: Issue, asked: Asked, undo: UUID) -> object:
    return unmerge_issue(actor, issue, undo_token=undo)


class IssueAction(IssueView):
    """One change of one issue. `act` is what it calls, `asks` what the body may hold."""

    read_scope = None
    write_scope = Scope.ERRORS_WRITE
    act: ClassVar[Act]
    asks: ClassVar[type[serializers.Serializer[Any]]] = NothingAsked

    def change(self, request: Request, issue_id: int) -> Response:
        asked = self.asks(data=request.data)
        asked.is_valid(raise_exception=True)
        issue, undo = self.issue_of(request, issue_id), uuid4()
        type(self).act(self.actor_of(request), issue, asked.validated_data, undo)
        return self.answer(request, issue_id, undo)

    def answer(self, request: Request, issue_id: int, undo: UUID) -> Response:
        is_there = Activity.objects.filter(undo_token=undo).exists()
        return Response({**IssueAnswer(self.issue_of(request, issue_id)).data, "undo": str(undo) if is_there else None})


class Resolve(IssueAction):
    act = resolve
    asks = ResolveRequest

    @extend_schema(
        summary="Resolve: at once, in a release, or in the next", request=ResolveRequest, responses=IssueChanged
    )
    def post(self, request: Request, issue_id: int) -> Response:
        return self.change(request, issue_id)


class Ignore(IssueAction):
    act = ignore
    asks = IgnoreRequest

    @extend_schema(
        summary="Ignore until a time, more events or more users; without any, for good",
        request=IgnoreRequest,
        responses=IssueChanged,
    )
    def post(self, request: Request, issue_id: int) -> Response:
        return self.change(request, issue_id)


class Reopen(IssueAction):
    act = reopen

    @extend_schema(summary="Open a resolved or ignored issue", request=NothingAsked, responses=IssueChanged)
    def post(self, request: Request, issue_id: int) -> Response:
        return self.change(request, issue_id)


class Assign(IssueAction):
    act = assign
    asks = AssignRequest

    @extend_schema(summary="Assign to a person, a team or nobody", request=AssignRequest, responses=IssueChanged)
    def post(self, request: Request, issue_id: int) -> Response:
        return self.change(request, issue_id)


class Priority(IssueAction):
    act = prioritise
    asks = PriorityRequest

    @extend_schema(summary="Set the priority, or let it be computed", request=PriorityRequest, responses=IssueChanged)
    def post(self, request: Request, issue_id: int) -> Response:
        return self.change(request, issue_id)


class Bookmark(IssueAction):
    act = bookmark
    asks = BookmarkRequest

    @extend_schema(
        summary="Keep an issue at hand, or no longer; a person's alone", request=BookmarkRequest, responses=IssueChanged
    )
    def post(self, request: Request, issue_id: int) -> Response:
        return self.change(request, issue_id)


class Merge(IssueAction):
    @extend_schema(summary="Merge other issues into this one", request=MergeRequest, responses=IssueChanged)
    def post(self, request: Request, issue_id: int) -> Response:
        asked = MergeRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        into, undo = self.issue_of(request, issue_id), uuid4()
        ids = list(dict.fromkeys(asked.validated_data["issues"]))
        found = Issue.objects.filter(project__in=self.visible_project_ids(request)).in_bulk(ids)
        if missing := [pk for pk in ids if pk not in found]:
            raise Unknown("no such issue", errors={"issues": [f"unknown: {', '.join(map(str, missing))}"]})
        merge_issues(self.actor_of(request), [found[pk] for pk in ids], into=into, undo_token=undo)
        return self.answer(request, issue_id, undo)


class Unmerge(IssueAction):
    act = unmerge

    @extend_schema(
        summary="Take an issue out of the one it is merged into", request=NothingAsked, responses=IssueChanged
    )
    def post(self, request: Request, issue_id: int) -> Response:
        return self.change(request, issue_id)


BULK: dict[str, Act] = {
    "resolve": resolve,
    "ignore": ignore,
    "reopen": reopen,
    "assign": assign,
    "priority": prioritise,
}


class Bulk(IssueView):
    read_scope = None
    write_scope = Scope.ERRORS_WRITE

    @extend_schema(
        summary="Do one thing to up to 500 issues; what cannot be done to one does not stop the others",
        request=BulkRequest,
        responses=BulkAnswer,
    )
    def post(self, request: Request) -> Response:
        asked = BulkRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted, actor, undo = asked.validated_data, self.actor_of(request), uuid4()
        visible = Issue.objects.filter(project__in=self.visible_project_ids(request))
        act = BULK[wanted["action"]]
        outcome = change_issues(
            visible, wanted["issues"], lambda issue: act(actor, issue, wanted, undo), undo_token=undo
        )
        return Response(BulkAnswer(outcome).data)


class Undo(IssueView):
    read_scope = None
    write_scope = Scope.ERRORS_WRITE

    @extend_schema(
        summary="Take back one's own change of the last two minutes, where nobody has changed it since",
        request=UndoRequest,
        responses=UndoAnswer,
    )
    def post(self, request: Request) -> Response:
        asked = UndoRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(UndoAnswer(undo_change(self.actor_of(request), asked.validated_data["undo"])).data)
