"""/performance/metrics/<name>/series, and which metrics there are."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.faults import Invalid, Unknown
from tradewatch.core.openapi import ENVIRONMENT, PROJECT, WINDOW
from tradewatch.metrics.points import catalogue
from tradewatch.metrics.points.aggregations import AGGREGATIONS, BY_TYPE
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.reading import UnknownMetricError, metrics_of
from tradewatch.performance.custom_metrics.refusals import refusals
from tradewatch.performance.custom_metrics.serializers import MetricNamesAnswer, MetricSeriesAnswer
from tradewatch.performance.custom_metrics.series import answer_series
from tradewatch.performance.measured import RESOLUTIONS, wanted
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

PARAMETERS = [
    OpenApiParameter("aggregation", str, enum=AGGREGATIONS, description="default: the first that fits the type"),
    OpenApiParameter("by", str, description="an attribute: its greatest values apart, the rest as `other`"),
    OpenApiParameter("where", str, many=True, description="attribute=value; of one attribute any, of several all"),
    OpenApiParameter("type", str, description="counter, gauge or distribution; default: that with the most points"),
    OpenApiParameter("unit", str, description="where a name comes in several; default: that with the most points"),
    OpenApiParameter("top", int, description="how many groups stand apart, 1 to 50; default 5"),
    OpenApiParameter("resolution", str, description=f"width of a step: {', '.join(RESOLUTIONS)}, or seconds"),
]


class MetricSeriesView(ApiView):
    read_scope = Scope.PERFORMANCE_READ

    @extend_schema(
        operation_id="performance_metric_series",
        summary="A named metric over a window, with what its cap on series folded",
        parameters=[PROJECT, ENVIRONMENT, *WINDOW, *PARAMETERS],
        responses=MetricSeriesAnswer,
    )
    def get(self, request: Request, name: str) -> Response:
        project_ids, environment = self.visible_project_ids(request), self.environment_of(request)
        window = self.window_of(request)
        asked = wanted(project_ids, environment, window, request.query_params.get("resolution"))
        question = _question(request, project_ids, environment, name)
        try:
            metrics = metrics_of(question)
        except UnknownMetricError:
            raise Unknown("no point of such a metric is held") from None
        if question.aggregation and question.aggregation not in BY_TYPE[metrics[0].type]:
            texts = [f"a {metrics[0].type} has {', '.join(BY_TYPE[metrics[0].type])}"]
            raise Invalid("bad aggregation", errors={"aggregation": texts})
        answer = answer_series(question, metrics, asked.start, asked.end, asked.resolution, top=_top(request))
        return Response(MetricSeriesAnswer(answer).data)


class MetricNames(ApiView):
    read_scope = Scope.PERFORMANCE_READ

    @extend_schema(
        operation_id="performance_metric_names",
        summary="The metrics that had a point in a window, and what was refused in it",
        parameters=[PROJECT, ENVIRONMENT, *WINDOW],
        responses=MetricNamesAnswer,
    )
    def get(self, request: Request) -> Response:
        project_ids, environment = self.visible_project_ids(request), self.environment_of(request)
        window = self.window_of(request, default="30d")
        start, end = int(window.start.timestamp()), int(min(window.end, timezone.now()).timestamp()) + 60
        return Response(
            MetricNamesAnswer(
                {
                    "metrics": catalogue.names(project_ids, environment=environment, since=window.start),
                    "refused": refusals(project_ids, start, end, environment=environment),
                }
            ).data
        )


def _question(request: Request, project_ids: list[int], environment: str | None, name: str) -> Question:
    given = request.query_params
    aggregation = given.get("aggregation", "")
    if aggregation and aggregation not in AGGREGATIONS:
        raise Invalid("bad aggregation", errors={"aggregation": [f"expected one of {', '.join(AGGREGATIONS)}"]})
    return Question(
        project_ids=project_ids,
        name=name[:120],
        aggregation=aggregation,
        environment=environment,
        type=given.get("type") or None,
        unit=given.get("unit"),
        group_by=given.get("by", "")[:64],
        filters=_filters(given.getlist("where")),
    )


def _filters(texts: list[str]) -> Mapping[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise Invalid("bad filter", errors={"where": ["expected attribute=value, such as venue=XNYS"]})
        filters.setdefault(name, []).append(value)
    return filters


def _top(request: Request) -> int:
    text: Any = request.query_params.get("top", "5")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:4]) <= 50:
        raise Invalid("bad number of groups", errors={"top": ["expected a number from 1 to 50"]})
    return int(text)
