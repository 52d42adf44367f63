"""/sla/status: how every target stands."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sla.serializers import SlaStatusAnswer
from sla.standings import status
from tradewatch.core.openapi import ENVIRONMENT, PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class SlaStatus(ApiView):
    read_scope = Scope.SLA_READ

    @extend_schema(summary="How the SLA targets stand", parameters=[PROJECT, ENVIRONMENT], responses=SlaStatusAnswer)
    def get(self, request: Request) -> Response:
        ids, environment = self.visible_project_ids(request), self.environment_of(request)
        return Response(status(ids, environment, timezone.now()))
