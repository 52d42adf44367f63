"""/sla/corrections: time that counts neither way: the list, add, withdraw."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sla.models import Correction, Target
from sla.serializers import CorrectionAnswer, CorrectionPage, CorrectionRequest
from sla.services.corrections import add_correction, withdraw_correction
from tradewatch.core.faults import Invalid
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT
from tradewatch.core.windows import parse_moment
from tradewatch.projects.api import ApiView, flag_of
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

TIMES = [
    OpenApiParameter("start", str, description="ISO 8601: those that end after it"),
    OpenApiParameter("end", str, description="ISO 8601: those that start before it"),
    OpenApiParameter("withdrawn", bool, description="true: the withdrawn ones too"),
]


class Corrections(ApiView):
    read_scope = Scope.SLA_READ
    write_scope = Scope.SLA_WRITE
    write_role = Role.MANAGER

    @extend_schema(
        operation_id="sla_corrections_list",
        summary="Time taken out of SLA figures, the newest first",
        parameters=[PROJECT, ENVIRONMENT, *TIMES, *PAGE],
        responses=CorrectionPage,
    )
    def get(self, request: Request) -> Response:
        rows = _asked(request, _visible(self, request))
        if environment := self.environment_of(request):
            rows = rows.filter(environment__in=("", environment))
        return self.paginate(request, rows, lambda row: CorrectionAnswer(row).data, order=("-starts_at", "-id"))

    @extend_schema(
        operation_id="sla_corrections_add",
        summary="Take time out of a target, or of all of a project",
        request=CorrectionRequest,
        responses={201: CorrectionAnswer},
    )
    def post(self, request: Request) -> Response:
        project = self.project_of(request, write=True)
        asked = CorrectionRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        target = _target(project, values.pop("target", None))
        row = add_correction(self.actor_of(request), project, target=target, **values)
        return Response(CorrectionAnswer(row).data, status=201)


class WithdrawCorrection(ApiView):
    write_scope = Scope.SLA_WRITE
    write_role = Role.MANAGER

    @extend_schema(summary="Let a correction's time count again", request=None, responses=CorrectionAnswer)
    def post(self, request: Request, correction_id: int) -> Response:
        row = the_one(_visible(self, request), correction_id, "correction")
        return Response(CorrectionAnswer(withdraw_correction(self.actor_of(request), row, now=timezone.now())).data)


def _visible(view: ApiView, request: Request) -> QuerySet[Correction]:
    rows = Correction.objects.filter(project_id__in=view.visible_project_ids(request))
    return rows.select_related("project", "target")


def _asked(request: Request, rows: QuerySet[Correction]) -> QuerySet[Correction]:
    params, always = request.query_params.dict(), datetime.max
    if params.get("start"):
        rows = rows.filter(ends_at__gt=parse_moment(params, "start", default=always))
    if params.get("end"):
        rows = rows.filter(starts_at__lt=parse_moment(params, "end", default=always))
    return rows if flag_of(request, "withdrawn") else rows.filter(withdrawn_at=None)


def _target(project: Project, name: str | None) -> Target | None:
    if name is None:
        return None
    target = Target.objects.filter(project=project, metric_name=name).first()
    if target is None:
        raise Invalid("bad correction", errors={"target": [f"is unknown in the project {project.slug}"]})
    return target
