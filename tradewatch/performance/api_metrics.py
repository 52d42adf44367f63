"""/performance/metrics"""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.openapi import ENVIRONMENT, PROJECT, WINDOW
from tradewatch.performance.measured import RESOLUTIONS, measured, wanted
from tradewatch.performance.measured_serializers import PerformanceMetricsAnswer
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

RESOLUTION = OpenApiParameter(
    "resolution",
    str,
    description=f"width of a step of `series`: {', '.join(RESOLUTIONS)}, or seconds; default: at most 120 steps",
)


class PerformanceMetrics(ApiView):
    read_scope = Scope.PERFORMANCE_READ

    @extend_schema(
        summary="What requests, transactions, machines and named metrics did over a window",
        parameters=[PROJECT, ENVIRONMENT, *WINDOW, RESOLUTION],
        responses=PerformanceMetricsAnswer,
    )
    def get(self, request: Request) -> Response:
        asked = wanted(
            self.visible_project_ids(request),
            self.environment_of(request),
            self.window_of(request),
            request.query_params.get("resolution"),
        )
        return Response(PerformanceMetricsAnswer(measured(asked)).data)
