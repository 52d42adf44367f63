"""/debug/session/{id} and /debug/sessions. Posted to, the id is an error's; else it is a session's."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from debugging.choices import SessionState, StepState
from debugging.contexts.api import ISSUE, issue_id_of
from debugging.contexts.subjects import find_subject
from debugging.models import DebugSession
from debugging.sessions.opening import look_again, open_session
from debugging.sessions.queries import sessions_of
from debugging.sessions.serializers import (
    SessionAnswer,
    SessionChangeRequest,
    SessionLine,
    SessionNoteRequest,
    SessionOpenRequest,
    SessionPage,
    SessionStepAnswer,
    SessionStepRequest,
)
from debugging.sessions.services import (
    add_note,
    end_session,
    give_session,
    reopen_session,
    retitle_session,
    work_step,
    write_conclusion,
)
from tradewatch.core.actors import Actor
from tradewatch.core.api import read_as
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

OWNER = OpenApiParameter("owner", str, description="a user's name; `none`: those that nobody owns")
STATE = OpenApiParameter("state", str, enum=SessionState.values)


class OneSession(ApiView):
    read_scope = Scope.DEBUG_READ
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_open",
        summary="Open a session on a captured error or an event",
        description="The id is a context's or an event's. One that is open on it is the same session: 200, not 201.",
        request=SessionOpenRequest,
        responses={201: SessionAnswer, 200: SessionAnswer},
    )
    def post(self, request: Request, key: str) -> Response:
        said = read_as(SessionOpenRequest, request.data)
        subject = find_subject(self.visible_project_ids(request), key)
        opened = open_session(self.actor_of(request), subject, title=said.get("title") or "", now=timezone.now())
        return Response(_answer(opened.session.pk), status=201 if opened.is_new else 200)

    @extend_schema(
        operation_id="debug_session_read",
        summary="One session: context, steps, findings, trail",
        responses=SessionAnswer,
    )
    def get(self, request: Request, key: str) -> Response:
        return Response(_answer(_visible(self, request, key).pk))

    @extend_schema(
        operation_id="debug_session_change",
        summary="Change owner, title, conclusion or state",
        description="All or nothing. What is left out stays.",
        request=SessionChangeRequest,
        responses=SessionAnswer,
    )
    def patch(self, request: Request, key: str) -> Response:
        said = read_as(SessionChangeRequest, request.data)
        row = _visible(self, request, key)
        with transaction.atomic():
            _change(self.actor_of(request), row, said, now=timezone.now())
        return Response(_answer(row.pk))


class SessionLook(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_look",
        summary="Answer the steps again from what is stored now",
        request=None,
        responses=SessionAnswer,
    )
    def post(self, request: Request, session_id: int) -> Response:
        row = _visible(self, request, str(session_id))
        look_again(self.actor_of(request), row, now=timezone.now())
        return Response(_answer(row.pk))


class SessionNotes(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_note",
        summary="Note something in the session's trail",
        request=SessionNoteRequest,
        responses={201: SessionAnswer},
    )
    def post(self, request: Request, session_id: int) -> Response:
        said = read_as(SessionNoteRequest, request.data)
        row = _visible(self, request, str(session_id))
        add_note(self.actor_of(request), row, said["text"], now=timezone.now())
        return Response(_answer(row.pk), status=201)


class OneStep(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_step",
        summary="Mark a step as done or skipped, or note something at it",
        request=SessionStepRequest,
        responses=SessionStepAnswer,
    )
    def patch(self, request: Request, session_id: int, step: str) -> Response:
        said = read_as(SessionStepRequest, request.data)
        row = _visible(self, request, str(session_id))
        state = StepState(said["state"]) if "state" in said else None
        done = work_step(self.actor_of(request), row, step, state=state, note=said.get("note"), now=timezone.now())
        return Response(SessionStepAnswer(done).data)


class Sessions(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_sessions_list",
        summary="Debugging sessions, the newest first",
        parameters=[PROJECT, ENVIRONMENT, STATE, OWNER, ISSUE, *PAGE],
        responses=SessionPage,
    )
    def get(self, request: Request) -> Response:
        rows = sessions_of(self.visible_project_ids(request), self.environment_of(request))
        asked = request.query_params
        if state := asked.get("state"):
            if state not in SessionState.values:
                raise Invalid("bad state", errors={"state": [f"expected one of {', '.join(SessionState.values)}"]})
            rows = rows.filter(state=state)
        if owner := asked.get("owner"):
            rows = rows.filter(owner=None) if owner == "none" else rows.filter(owner__username=owner)
        if issue := asked.get("issue"):
            rows = rows.filter(issue=issue_id_of(issue))
        return self.paginate(request, rows, lambda row: SessionLine(row).data, order=("-opened_at", "-id"))


def _change(actor: Actor, row: DebugSession, said: dict[str, Any], *, now: datetime) -> None:
    """A reopening comes first and an end last: what else is said needs the session open."""
    state = said.get("state")
    if state == SessionState.OPEN:
        reopen_session(actor, row, now=now)
    if "title" in said:
        retitle_session(actor, row, said["title"], now=now)
    if "owner" in said:
        give_session(actor, row, _person(said["owner"]), now=now)
    if "conclusion" in said:
        write_conclusion(actor, row, said["conclusion"], now=now)
    if state in (SessionState.RESOLVED, SessionState.CLOSED):
        end_session(actor, row, SessionState(state), now=now)


def _person(name: str | None) -> User | None:
    if name is None:
        return None
    person = User.objects.filter(username=name).first()
    if person is None:
        raise Invalid("bad owner", errors={"owner": ["no user has this name"]})
    return person


def _visible(view: ApiView, request: Request, key: str) -> DebugSession:
    rows = sessions_of(view.visible_project_ids(request))
    is_number = key.isascii() and key.isdigit() and len(key) <= 18
    row = rows.filter(pk=int(key)).first() if is_number else None
    if row is None:
        raise Unknown("no such session")
    return row


def _answer(session_id: int) -> Any:
    rows = DebugSession.objects.select_related("project", "owner", "issue", "event", "context", "snapshot")
    return SessionAnswer(rows.prefetch_related("steps").get(pk=session_id)).data
