"""/debug/session/{id}/simulate and what came of it."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from debugging.models import Simulation
from debugging.sessions.queries import sessions_of
from debugging.simulations.serializers import SimulateRequest, SimulationAnswer, SimulationPage
from debugging.simulations.services import simulate
from debugging.simulations.settling import settle, settled_within
from tradewatch.core.api import read_as
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import PAGE
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

PATIENCE_SECONDS = 5.0


class SessionSimulate(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_session_simulate",
        summary="Send the error through the whole pipeline, marked as simulated",
        description="It tests grouping, rules, routing and escalation, and is in no count. Nobody is told unless "
        f"`notify` says so. The answer waits {PATIENCE_SECONDS:.0f} s for the result, else its state is pending.",
        request=SimulateRequest,
        responses={202: SimulationAnswer},
    )
    def post(self, request: Request, session_id: int) -> Response:
        said = read_as(SimulateRequest, request.data)
        session = the_one(sessions_of(self.visible_project_ids(request)), session_id, "session")
        changes = {} if said.get("changes") is None else said["changes"]
        row = simulate(self.actor_of(request), session, changes, notifies=said["notify"], now=timezone.now())
        settled_within(row, PATIENCE_SECONDS)
        return Response(SimulationAnswer(row).data, status=202)


class SessionSimulations(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_session_simulations",
        summary="Simulations of a session, the newest first",
        parameters=[*PAGE],
        responses=SimulationPage,
    )
    def get(self, request: Request, session_id: int) -> Response:
        session = the_one(sessions_of(self.visible_project_ids(request)), session_id, "session")
        rows = Simulation.objects.filter(session=session).select_related("session__event__issue", "session__context")
        for pending in rows.filter(result__isnull=True)[:5]:
            settle(pending, now=timezone.now())
        return self.paginate(request, rows, lambda row: SimulationAnswer(row).data, order=("-id",))
