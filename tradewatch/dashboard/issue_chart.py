"""The chart of an issue's events over the range that the address names, or else over the one that tells most."""

from collections.abc import Mapping
from datetime import datetime

from tradewatch.dashboard import rollups, words
from tradewatch.dashboard.charts import Chart
from tradewatch.dashboard.ranges import Period, Range
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.models import Issue
from tradewatch.metrics.markers import markers_between


def range_of(scope: Scope, asked: Mapping[str, str], issue: Issue, *, now: datetime) -> Period:
    """Return the range asked for; without one the shortest that reaches back to the first event, if it saw the last."""
    if any(asked.get(name) for name in ("window", "start", "end")):
        return scope.range
    for each in Range:
        if now - issue.first_seen_at < each.length:
            return each
    return Range.MONTH if now - issue.last_seen_at >= Range.DAY.length else Range.DAY


def events_chart(issue: Issue, chosen: Period, environment: str, *, now: datetime) -> Chart:
    """Return the issue's events in the chosen range, with the releases and deployments of that time."""
    span = chosen.chart_span(now)
    series = f"issue:{issue.pk}"
    found = rollups.points([issue.project_id], [series], span, environment=environment)[series]
    counts = [point.count for point in found]
    unit = _unit(span.step_seconds)
    seen = f"{words.count(sum(counts))} {chosen.within}, at most {words.count(max(counts))}"
    return Chart(
        key="issue",
        name=f"events {unit}",
        unit="",
        style="err",
        start=span.epoch_start,
        step=span.step_seconds,
        values=tuple(float(each) for each in counts),
        finding=f"Events {unit}: {seen}",
        empty="no event in this time",
        markers=tuple(markers_between([issue.project_id], environment, span.epoch_start, span.epoch_end)),
        is_running=chosen.is_live,
    )


def _unit(step: int) -> str:
    named = {60: "a minute", 3600: "an hour", 86400: "a day"}
    return named.get(step) or (f"in {step // 60} min" if step < 3600 else f"in {step // 3600} h")
