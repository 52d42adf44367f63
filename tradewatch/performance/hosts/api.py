"""/performance/hosts: hosts report by POST; anyone who may see the project reads."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.faults import Unknown
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT
from tradewatch.performance.hosts.points import Point
from tradewatch.performance.hosts.queries import figures_at
from tradewatch.performance.hosts.reports import Sampled, labels_from
from tradewatch.performance.hosts.serializers import (
    AtQuery,
    FigureAnswer,
    HostAnswer,
    HostPage,
    OneHostAnswer,
    ReportBody,
    TakenAnswer,
)
from tradewatch.performance.hosts.services import Report, take_report
from tradewatch.performance.models import Host
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class Hosts(ApiView):
    read_scope, write_scope = Scope.PERFORMANCE_READ, Scope.PERFORMANCE_WRITE

    @extend_schema(
        operation_id="performance_hosts_list",
        summary="Hosts and how they stand",
        parameters=[PROJECT, ENVIRONMENT, *PAGE],
        responses=HostPage,
    )
    def get(self, request: Request) -> Response:
        rows = Host.objects.filter(project__in=self.visible_project_ids(request)).select_related("project")
        if environment := self.environment_of(request):
            rows = rows.filter(environment=environment)
        now = timezone.now()
        return self.paginate(
            request, rows, lambda row: HostAnswer(row, context={"now": now}).data, order=("name", "id")
        )

    @extend_schema(
        operation_id="performance_hosts_report",
        summary="Report what a host measured",
        description="The first report makes the host. `manage.py agent` does this; so may anything else.",
        request=ReportBody,
        responses={202: TakenAnswer},
    )
    def post(self, request: Request) -> Response:
        body = ReportBody(data=request.data)
        body.is_valid(raise_exception=True)
        project = self.project_of(request, write=True)
        taken = take_report(self.actor_of(request), project, _report(body.validated_data), now=timezone.now())
        rejected = [{"name": each.name, "reason": each.reason} for each in taken.rejected]
        answer = {"host": taken.host.name, "id": taken.host.pk, "accepted": taken.accepted, "rejected": rejected}
        return Response(answer, status=202)


class OneHost(ApiView):
    read_scope = Scope.PERFORMANCE_READ

    @extend_schema(summary="One host and its figures", parameters=[AtQuery], responses=OneHostAnswer)
    def get(self, request: Request, host_id: int) -> Response:
        asked = AtQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        host = Host.objects.filter(project__in=self.visible_project_ids(request), pk=host_id).first()
        if host is None:
            raise Unknown("no such host")
        at = asked.validated_data.get("at") or host.last_seen_at
        figures = FigureAnswer(figures_at(host, at), many=True).data
        return Response({**HostAnswer(host, context={"now": timezone.now()}).data, "figures": figures})


def _report(body: dict[str, Any]) -> Report:
    samples = [
        Sampled(
            sample["age_seconds"],
            [
                Point(point["name"], point["value"], labels_from(point.get("attributes", {})))
                for point in sample["points"]
            ],
            sample["late"],
        )
        for sample in body["samples"]
    ]
    return Report(
        name=body["host"],
        samples=samples,
        environment=body["environment"],
        platform=body["platform"],
        agent_version=body["agent"],
        interval_seconds=body["interval_seconds"],
    )
