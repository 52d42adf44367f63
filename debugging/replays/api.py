"""/debug/session/{id}/replay and /debug/session/{id}/replays."""

from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from debugging.choices import ReplayState
from debugging.models import Replay
from debugging.replays.answers import one_replay_answer, replay_answer
from debugging.replays.recording import read_replay
from debugging.replays.serializers import (
    DryRunAnswer,
    OneReplayAnswer,
    RefuseRequest,
    ReplayAnswer,
    ReplayLine,
    ReplayPage,
    ReplayRequest,
    VerifiedAnswer,
)
from debugging.replays.services import approve, refuse, replay, the_only_target
from debugging.replays.verifying import verify
from debugging.sessions.queries import sessions_of
from tradewatch.core.api import read_as
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import PAGE
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

_SENT_OR_NOT = PolymorphicProxySerializer("ReplayOrDryRun", [ReplayAnswer, DryRunAnswer], resource_type_field_name=None)


class SessionReplay(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_replay",
        summary="Send the session's request again, to a listed target",
        description="200 with what came of it; 202 where it waits for a second person (production). It takes as long "
        "as the target, and 5 s more for the error to come back; `reproduced` pending is settled within a minute.",
        request=ReplayRequest,
        responses={200: _SENT_OR_NOT, 202: ReplayAnswer},
    )
    def post(self, request: Request, session_id: int) -> Response:
        said = read_as(ReplayRequest, request.data)
        session = the_one(sessions_of(self.visible_project_ids(request)), session_id, "session")
        target = said.get("target") or the_only_target(session.project_id).name
        actor, modifications = self.actor_of(request), said.get("modifications")
        found = replay(actor, session, target, modifications, dry_run=said["dry_run"], now=timezone.now())
        waits = isinstance(found, Replay) and found.state == ReplayState.WAITING
        return Response(replay_answer(found), status=202 if waits else 200)


class SessionReplays(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_session_replays_list",
        summary="The replays of a session, the newest first, without those of matrices and shrinks",
        parameters=PAGE,
        responses=ReplayPage,
    )
    def get(self, request: Request, session_id: int) -> Response:
        session = the_one(sessions_of(self.visible_project_ids(request)), session_id, "session")
        rows = Replay.objects.filter(session=session, batch=None).defer("asked", "request", "diff")
        return self.paginate(request, rows, lambda row: ReplayLine(row).data, order=("-id",))


class OneReplay(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_session_replay_read", summary="One replay, and what it says", responses=OneReplayAnswer
    )
    def get(self, request: Request, session_id: int, replay_id: int) -> Response:
        return Response(one_replay_answer(_visible(self, request, session_id, replay_id).pk))


class ReplayApproval(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_replay_approve",
        summary="Let a replay that waits be sent; for another person than who asked",
        request=None,
        responses=ReplayAnswer,
    )
    def post(self, request: Request, session_id: int, replay_id: int) -> Response:
        row = _visible(self, request, session_id, replay_id)
        return Response(ReplayAnswer(approve(self.actor_of(request), row, now=timezone.now())).data)


class ReplayRefusal(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_replay_refuse",
        summary="End a replay that waits",
        request=RefuseRequest,
        responses=ReplayAnswer,
    )
    def post(self, request: Request, session_id: int, replay_id: int) -> Response:
        reason = read_as(RefuseRequest, request.data)["reason"]
        row = _visible(self, request, session_id, replay_id)
        return Response(ReplayAnswer(refuse(self.actor_of(request), row, reason=reason, now=timezone.now())).data)


class ReplayVerification(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_replay_verify",
        summary="Say that the fix is verified by this replay",
        description="409 with what is lacking: it must be the captured request, to a target where an earlier replay of "
        "it brought the error back, and the target must have reported that it went well.",
        request=None,
        responses=VerifiedAnswer,
    )
    def post(self, request: Request, session_id: int, replay_id: int) -> Response:
        row = _visible(self, request, session_id, replay_id)
        entry = verify(self.actor_of(request), row, now=timezone.now())
        told = {"replay_id": row.pk, "at": entry.at, "by": entry.actor_label, "text": entry.text}
        return Response(VerifiedAnswer(told).data)


def _visible(view: ApiView, request: Request, session_id: int, replay_id: int) -> Replay:
    rows = Replay.objects.filter(session=session_id, session__project__in=view.visible_project_ids(request))
    return read_replay(the_one(rows, replay_id, "replay").pk)
