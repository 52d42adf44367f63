"""/sla/targets: the list, one with its versions, create, update, archive, restore, and how its burn windows stand."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sla.figures.reading import burns
from sla.figures.values import Burning
from sla.models import Target
from sla.queries import newest_versions, targets_of, version_in_force, versions_of
from sla.rules import Promise
from sla.serializers import (
    BurnsAnswer,
    ReasonRequest,
    SavedAnswer,
    SlaTargetAnswer,
    SlaTargetDetail,
    SlaTargetPage,
    TargetRequest,
    TargetUpdate,
    saved_answer,
    target_answer,
    version_answer,
)
from sla.services.defaults import ensure_missing_defaults
from sla.services.targets import archive_target, create_target, restore_target, update_target
from tradewatch.core.api import read_as
from tradewatch.core.faults import Unknown
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT
from tradewatch.core.paging import read_page
from tradewatch.projects.api import ApiView, flag_of, page_size
from tradewatch.projects.choices import Role, Scope

ARCHIVED = OpenApiParameter("archived", bool, description="true: those that are archived, alone")
ONE_PROJECT = OpenApiParameter(
    "project", str, description="id or slug; without: the token's only one, else the project `default`"
)


class Targets(ApiView):
    read_scope = Scope.SLA_READ
    write_scope = Scope.SLA_WRITE
    write_role = Role.MANAGER

    @extend_schema(
        operation_id="sla_targets_list",
        summary="SLA targets with thresholds, window and version",
        parameters=[PROJECT, ENVIRONMENT, ARCHIVED, *PAGE],
        responses=SlaTargetPage,
    )
    def get(self, request: Request) -> Response:
        ids = self.visible_project_ids(request)
        ensure_missing_defaults(ids, now=timezone.now())
        rows = targets_of(ids, archived=flag_of(request, "archived"))
        return Response(self._page(request, _counting(rows, self.environment_of(request))))

    @extend_schema(
        operation_id="sla_targets_create",
        summary="Create a target",
        request=TargetRequest,
        responses={201: SavedAnswer},
    )
    def post(self, request: Request) -> Response:
        project = self.project_of(request, write=True)
        values = read_as(TargetRequest, request.data)
        name, title, reason = values.pop("metric_name"), values.pop("title", ""), values.pop("reason", "")
        saved = create_target(
            self.actor_of(request), project, name, Promise(**values), title=title, reason=reason, now=timezone.now()
        )
        return Response(saved_answer(saved), status=201)

    def _page(self, request: Request, rows: QuerySet[Target]) -> dict[str, Any]:
        cursor, size = request.query_params.get("cursor"), page_size(request)
        page = read_page(rows.order_by("metric_name", "id"), order=("metric_name", "id"), cursor=cursor, size=size)
        versions = newest_versions(page.rows)
        return {"results": [target_answer(row, versions[row.pk]) for row in page.rows], "next": page.next}


class OneTarget(ApiView):
    read_scope = Scope.SLA_READ

    @extend_schema(
        operation_id="sla_targets_read",
        summary="One target with all its versions",
        parameters=[ONE_PROJECT],
        responses=SlaTargetDetail,
    )
    def get(self, request: Request, metric_name: str) -> Response:
        target = _named(self, request, metric_name, write=False)
        versions = list(versions_of(target))
        past = [version_answer(version) for version in versions]
        return Response({**target_answer(target, versions[0]), "versions": past})


class UpdateTarget(ApiView):
    write_scope = Scope.SLA_WRITE
    write_role = Role.MANAGER

    @extend_schema(
        summary="Promise other values from now on, as a further version",
        request=TargetUpdate,
        responses=SavedAnswer,
    )
    def post(self, request: Request, metric_name: str) -> Response:
        target = _named(self, request, metric_name, write=True)
        values = read_as(TargetUpdate, request.data)
        reason, seen = values.pop("reason", ""), values.pop("version", None)
        saved = update_target(
            self.actor_of(request), target, values, reason=reason, seen_number=seen, now=timezone.now()
        )
        return Response(saved_answer(saved))


class ArchiveTarget(ApiView):
    write_scope = Scope.SLA_WRITE
    write_role = Role.MANAGER

    @extend_schema(summary="Judge a target no more", request=ReasonRequest, responses=SlaTargetAnswer)
    def post(self, request: Request, metric_name: str) -> Response:
        target, reason = _named(self, request, metric_name, write=True), read_as(ReasonRequest, request.data)["reason"]
        return _told(archive_target(self.actor_of(request), target, reason=reason, now=timezone.now()))


class RestoreTarget(ApiView):
    write_scope = Scope.SLA_WRITE
    write_role = Role.MANAGER

    @extend_schema(summary="Judge an archived target again", request=ReasonRequest, responses=SlaTargetAnswer)
    def post(self, request: Request, metric_name: str) -> Response:
        target, reason = _named(self, request, metric_name, write=True), read_as(ReasonRequest, request.data)["reason"]
        return _told(restore_target(self.actor_of(request), target, reason=reason))


class TargetBurn(ApiView):
    read_scope = Scope.SLA_READ

    @extend_schema(
        summary="How a target's burn windows stand now",
        parameters=[ONE_PROJECT],
        responses=BurnsAnswer,
    )
    def get(self, request: Request, metric_name: str) -> Response:
        target, now = _named(self, request, metric_name, write=False), timezone.now()
        windows = [_window(each) for each in burns([target], now)[target.pk]]
        number = version_in_force(target, now).number
        return Response({"metric_name": target.metric_name, "version": number, "windows": windows})


def _named(view: ApiView, request: Request, metric_name: str, *, write: bool) -> Target:
    project = view.project_of(request, write=write)
    ensure_missing_defaults([project.pk], now=timezone.now())
    target = Target.objects.filter(project=project, metric_name=metric_name).select_related("project").first()
    if target is None:
        raise Unknown("no such target", errors={"metric_name": [f"is unknown in the project {project.slug}"]})
    return target


def _counting(rows: QuerySet[Target], environment: str | None) -> QuerySet[Target]:
    """Narrow to the targets whose newest version counts the environment."""
    if not environment:
        return rows
    versions = newest_versions(list(rows))
    return rows.filter(pk__in=[pk for pk, version in versions.items() if version.environment in ("", environment)])


def _told(target: Target) -> Response:
    return Response(target_answer(target, newest_versions([target])[target.pk]))


def _window(burning: Burning) -> dict[str, Any]:
    numbers = {name: getattr(burning, name) for name in ("long_burn", "short_burn")}
    pair = asdict(burning.pair) | {"factor": float(burning.pair.factor)}
    return {
        **pair,
        **{name: None if value is None else float(value) for name, value in numbers.items()},
        "bad": burning.bad,
        "is_firing": burning.is_firing,
        "is_held": burning.is_held,
    }
