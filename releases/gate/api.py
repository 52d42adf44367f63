"""/release/gate and its overrides, /release/freezes."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from releases.gate.asked import FreezeAsked, OverrideAsked, fault_in_zone, faults_in_question, read_moment
from releases.gate.asking import ask, keep
from releases.gate.queries import freezes_of, overrides_of
from releases.gate.serializers import (
    FreezeAnswer,
    FreezePage,
    FreezeRequest,
    GateAnswerJson,
    GateOverrideAnswer,
    GateOverridePage,
    GateOverrideRequest,
)
from releases.gate.serializing import answer_json
from releases.gate.services import add_freeze, cancel_freeze, override_gate, withdraw_override
from releases.models import Freeze, GateOverride
from tradewatch.core.api import read_as
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT
from tradewatch.core.windows import parse_moment
from tradewatch.projects.api import ApiView, flag_of
from tradewatch.projects.choices import Role, Scope

NEEDED = OpenApiParameter("environment", str, required=True)
VERSION = OpenApiParameter("version", str, description="that is to go out; without: any")
SIMULATE_AT = OpenApiParameter(
    "simulate_at",
    OpenApiTypes.DATETIME,
    description="freezes, windows, sessions and overrides as of that moment; all else as of now. Nothing is kept",
)
IN_FORCE = OpenApiParameter("in_force", bool, description="true: those in force or still to come alone")


class Gate(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(
        operation_id="release_gate",
        summary="May a version go out now",
        description="Answers 200 whatever the decision is, and keeps what it said. Of one project: the named one, else "
        "the token's only one, else `default`.",
        parameters=[PROJECT, NEEDED, VERSION, SIMULATE_AT],
        responses=GateAnswerJson,
    )
    def get(self, request: Request) -> Response:
        said, now = request.query_params.dict(), timezone.now()
        environment, version = said.get("environment", ""), said.get("version", "")
        if errors := faults_in_question(environment, version):
            raise Invalid("bad question", errors=errors)
        at = parse_moment(said, "simulate_at", default=now)
        project = self.project_of(request, write=False)
        answer = ask(project, environment, version, now=now, at=at)
        keep(self.actor_of(request), project, answer)
        return Response(answer_json(answer, project.slug))


class OverrideGate(ApiView):
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_gate_override",
        summary="Let a version out although the gate says no",
        request=GateOverrideRequest,
        responses={201: GateOverrideAnswer},
    )
    def post(self, request: Request) -> Response:
        said = read_as(GateOverrideRequest, request.data)
        asked = OverrideAsked(said["environment"], said["reason"], said["minutes"], said.get("version") or "")
        project = self.project_of(request, write=True)
        row = override_gate(self.actor_of(request), project, asked, now=timezone.now())
        return Response(GateOverrideAnswer(row).data, status=201)


class Overrides(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(
        operation_id="release_gate_overrides_list",
        summary="Overrides of the gate, the newest first",
        parameters=[PROJECT, ENVIRONMENT, IN_FORCE, *PAGE],
        responses=GateOverridePage,
    )
    def get(self, request: Request) -> Response:
        rows = overrides_of(self.visible_project_ids(request), self.environment_of(request))
        if flag_of(request, "in_force"):
            rows = rows.filter(withdrawn_at=None, ends_at__gt=timezone.now())
        return self.paginate(request, rows, lambda row: GateOverrideAnswer(row).data, order=("-created_at", "-id"))


class WithdrawOverride(ApiView):
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_gate_override_withdraw",
        summary="End an override",
        request=None,
        responses=GateOverrideAnswer,
    )
    def post(self, request: Request, override_id: int) -> Response:
        rows: QuerySet[GateOverride] = overrides_of(self.visible_project_ids(request))
        if not rows.filter(pk=override_id).exists():
            raise Unknown("no such override")
        row = withdraw_override(self.actor_of(request), override_id, now=timezone.now())
        return Response(GateOverrideAnswer(row).data)


class Freezes(ApiView):
    read_scope = Scope.RELEASES_READ
    write_scope = Scope.RELEASES_WRITE
    write_role = Role.MANAGER

    @extend_schema(
        operation_id="release_freezes_list",
        summary="Freezes, those that begin last first",
        parameters=[PROJECT, ENVIRONMENT, IN_FORCE, *PAGE],
        responses=FreezePage,
    )
    def get(self, request: Request) -> Response:
        rows = freezes_of(self.visible_project_ids(request), self.environment_of(request))
        if flag_of(request, "in_force"):
            rows = rows.filter(cancelled_at=None, ends_at__gt=timezone.now())
        return self.paginate(request, rows, lambda row: FreezeAnswer(row).data, order=("-starts_at", "-id"))

    @extend_schema(
        operation_id="release_freezes_add",
        summary="Let nothing out for a while",
        description="Of all projects it takes a superuser, or a token that is bound to none.",
        request=FreezeRequest,
        responses={201: FreezeAnswer},
    )
    def post(self, request: Request) -> Response:
        said = read_as(FreezeRequest, request.data)
        project = None if said["all_projects"] else self.project_of(request, write=True)
        row = add_freeze(self.actor_of(request), project, _freeze_of(said), now=timezone.now())
        return Response(FreezeAnswer(row).data, status=201)


class CancelFreeze(ApiView):
    write_scope = Scope.RELEASES_WRITE
    write_role = Role.MANAGER

    @extend_schema(operation_id="release_freeze_cancel", summary="End a freeze", request=None, responses=FreezeAnswer)
    def post(self, request: Request, freeze_id: int) -> Response:
        rows: QuerySet[Freeze] = freezes_of(self.visible_project_ids(request))
        if not rows.filter(pk=freeze_id).exists():
            raise Unknown("no such freeze")
        row = cancel_freeze(self.actor_of(request), freeze_id, now=timezone.now())
        return Response(FreezeAnswer(row).data)


def _freeze_of(said: Mapping[str, Any]) -> FreezeAsked:
    """Raises `Invalid` by field for a zone or a time that is none."""
    zone = said["zone"] or "UTC"
    if fault := fault_in_zone(zone):
        raise Invalid("bad freeze", errors={"zone": [fault]})
    starts_at, ends_at = (read_moment(said[name], zone) for name in ("starts_at", "ends_at"))
    if isinstance(starts_at, str) or isinstance(ends_at, str):
        read = {"starts_at": starts_at, "ends_at": ends_at}
        raise Invalid("bad freeze", errors={name: [text] for name, text in read.items() if isinstance(text, str)})
    environment, reason = said.get("environment") or "", said.get("reason") or ""
    return FreezeAsked(said["name"], starts_at, ends_at, zone, environment, reason)
