"""/debug/session/{id}/matrix, /shrink and /batches."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from debugging.batches.queries import batches_of, counts_of
from debugging.batches.serializers import BatchAnswer, BatchLine, BatchPage, MatrixRequest, ShrinkRequest
from debugging.batches.services import approve, ask_matrix, ask_shrink, cancel
from debugging.models import DebugSession, ReplayBatch
from debugging.replays.services import the_only_target
from debugging.sessions.queries import sessions_of
from tradewatch.core.api import read_as
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import PAGE
from tradewatch.core.paging import read_page
from tradewatch.projects.api import ApiView, page_size
from tradewatch.projects.choices import Scope


class Matrix(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_matrix",
        summary="Send many variants of the session's request, and tabulate what comes of them",
        description="202: they are sent side by side under a limit; at a production target once a second person has "
        "approved. What one variant is refused for, all are: nothing is sent.",
        request=MatrixRequest,
        responses={202: BatchLine},
    )
    def post(self, request: Request, session_id: int) -> Response:
        said = read_as(MatrixRequest, request.data)
        session = _session(self, request, session_id)
        target = said.pop("target", "") or the_only_target(session.project_id).name
        batch = ask_matrix(self.actor_of(request), session, target, **said, now=timezone.now())
        return Response(BatchLine(batch).data, status=202)


class Shrink(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_shrink",
        summary="Look for the smallest request that still fails the same way",
        description="202: it is looked for by replays, within a bound. The same way: the same error comes back, found "
        "by its trace; from a target that reports no errors, the same status is answered.",
        request=ShrinkRequest,
        responses={202: BatchLine},
    )
    def post(self, request: Request, session_id: int) -> Response:
        said = read_as(ShrinkRequest, request.data)
        session = _session(self, request, session_id)
        target = said.pop("target", "") or the_only_target(session.project_id).name
        batch = ask_shrink(self.actor_of(request), session, target, **said, now=timezone.now())
        return Response(BatchLine(batch).data, status=202)


class Batches(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_session_batches_list",
        summary="Matrices and shrinks of a session, the newest first",
        parameters=PAGE,
        responses=BatchPage,
    )
    def get(self, request: Request, session_id: int) -> Response:
        rows = batches_of(_session(self, request, session_id)).select_related("session")
        page = read_page(rows, order=("-id",), cursor=request.query_params.get("cursor"), size=page_size(request))
        context = {"counts": counts_of(page.rows)}
        return Response({"results": BatchLine(page.rows, many=True, context=context).data, "next": page.next})


class OneBatch(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_session_batch_read",
        summary="One matrix or shrink with its table of outcomes",
        responses=BatchAnswer,
    )
    def get(self, request: Request, session_id: int, batch_id: int) -> Response:
        return Response(BatchAnswer(_batch(self, request, session_id, batch_id)).data)


class BatchCancel(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_batch_cancel",
        summary="Send no more of it, and cut off what is under way",
        request=None,
        responses=BatchLine,
    )
    def post(self, request: Request, session_id: int, batch_id: int) -> Response:
        row = _batch(self, request, session_id, batch_id)
        return Response(BatchLine(cancel(self.actor_of(request), row, now=timezone.now())).data)


class BatchApproval(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_batch_approve",
        summary="Let one that waits go to production; for another person than who asked",
        request=None,
        responses=BatchLine,
    )
    def post(self, request: Request, session_id: int, batch_id: int) -> Response:
        row = _batch(self, request, session_id, batch_id)
        return Response(BatchLine(approve(self.actor_of(request), row, now=timezone.now())).data)


def _session(view: ApiView, request: Request, session_id: int) -> DebugSession:
    return the_one(sessions_of(view.visible_project_ids(request)), session_id, "session")


def _batch(view: ApiView, request: Request, session_id: int, batch_id: int) -> ReplayBatch:
    rows = ReplayBatch.objects.filter(session=session_id, session__project__in=view.visible_project_ids(request))
    return the_one(rows.select_related("session", "target"), batch_id, "batch")
