from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from tradewatch.dashboard import words
from tradewatch.dashboard.chart_frame import make_frame
from tradewatch.dashboard.metrics_explorer.asked import (
    MOST_CHARTS,
    PREFIXES,
    Picked,
    metric_value,
    query_of,
    read_charts,
)
from tradewatch.dashboard.metrics_explorer.drawing import TOP, WORDS, Drawn, draw, filter_words
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.metrics.points import catalogue
from tradewatch.metrics.points.aggregations import BY_TYPE, default_of
from tradewatch.metrics.points.catalogue import Named
from tradewatch.performance.custom_metrics.refusals import refusals

LISTED = timedelta(days=30)  # a metric without a point for longer is not offered


@page
def explorer(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Draw the charts that the address names; without any, those of the first metrics by name."""
    now = timezone.now()
    environment = scope.environment or None
    named = catalogue.names(scope.project_ids, environment=environment, since=now - LISTED)
    charts = read_charts(request.GET.dict()) or _first_charts(named)
    frame = make_frame(scope.project_ids, scope.environment, scope.range, now=now)
    drawn = [
        draw(picked, frame, scope.project_ids, scope.environment, key=f"metric-{at}", compared=scope.range.compared)
        for at, picked in enumerate(charts)
    ]
    values = scope.values()
    return show(
        request,
        scope,
        "dashboard/metrics/explorer.html",
        {
            "panels": [_panel(at, each, charts, named, values) for at, each in enumerate(drawn)],
            "named": [_listed(each, charts, values) for each in named],
            "more_href": query_of([*charts, _picked(named[0])], values) if 0 < len(charts) < MOST_CHARTS else "",
            "hidden": values,
            "refused": refusals(
                scope.project_ids, frame.span.epoch_start, frame.span.epoch_end, environment=environment
            ),
            "cap": settings.METRIC_SERIES_AN_HOUR,
            "is_on": settings.SENTRY_ENABLE_CUSTOM_METRICS,
            "within": scope.range.within,
        },
        crumb="Metrics",
        crumbs=[("Performance", reverse("performance") + scope.query)],
        has_ranges=True,
        keeps=_kept(request),
    )


def _first_charts(named: Sequence[Named]) -> list[Picked]:
    own = [each for each in named if not each.name.startswith("host.")] or list(named)
    return [_picked(each) for each in own[:2]]


def _picked(metric: Named) -> Picked:
    return Picked(metric.name, metric.type, metric.unit, default_of(metric.type))


def _panel(
    at: int, drawn: Drawn, charts: Sequence[Picked], named: Sequence[Named], values: Mapping[str, str]
) -> dict[str, Any]:
    picked = drawn.picked
    others = [each for number, each in enumerate(charts) if number != at]
    return {
        "at": at,
        "drawn": drawn,
        "metrics": [(metric_value(each.name, each.type, each.unit), _label(each)) for each in named],
        "aggregations": [(name, WORDS[name]) for name in BY_TYPE[picked.type]],
        "filters": [
            (
                filter_words(each),
                f"{each[0]}={each[1]}",
                query_of([*charts[:at], picked.without(each), *charts[at + 1 :]], values),
            )
            for each in picked.where
        ],
        "rest": words.plural(drawn.group_count - TOP, "further value"),
        "without_href": query_of(others, values) if others else "",
    }


def _listed(metric: Named, charts: Sequence[Picked], values: Mapping[str, str]) -> dict[str, Any]:
    return {"metric": metric, "href": query_of([_picked(metric)], values), "unit": metric.unit or "none"}


def _label(metric: Named) -> str:
    return f"{metric.name} ({metric.type}{f', {metric.unit}' if metric.unit else ''})"


def _kept(request: HttpRequest) -> dict[str, str]:
    """What of the address a choice of range or environment leaves."""
    names = [name for name in request.GET if name.partition(".")[0] in PREFIXES]
    return {name: request.GET[name][:300] for name in names[:100] if request.GET[name]}
