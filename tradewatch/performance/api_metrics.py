"""/performance/metrics"""

import time

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.openapi import ENVIRONMENT, PROJECT, WINDOW
from tradewatch.performance.custom_metrics.posting import post_points
from tradewatch.performance.custom_metrics.serializers import PointsAnswer, PointsEnvelope, PointsRequest
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
    write_scope = Scope.PERFORMANCE_WRITE

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

    @extend_schema(summary="Send points of custom metrics", request=PointsRequest, responses={202: PointsAnswer})
    def post(self, request: Request) -> Response:
        asked = PointsEnvelope(data=request.data)
        asked.is_valid(raise_exception=True)
        posted = post_points(
            self.actor_of(request),
            self.project_of(request, write=True),
            asked.validated_data["metrics"],
            environment=asked.validated_data.get("environment") or settings.SENTRY_ENVIRONMENT,
            now=time.time(),
            key=request.headers.get("Idempotency-Key", ""),
        )
        return Response(PointsAnswer(posted).data, status=202)
