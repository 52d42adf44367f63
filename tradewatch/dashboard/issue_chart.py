"""The chart of an issue's events over the range that the address names, or else over the one that tells most."""

from datetime import datetime

from tradewatch.dashboard import rollups, words
from tradewatch.dashboard.charts import Chart, per_minute_values
from tradewatch.dashboard.ranges import Range, span_ending
from tradewatch.errors.models import Issue
from tradewatch.metrics.markers import markers_between


def range_of(asked: str | None, issue: Issue, *, now: datetime) -> Range:
    """Return the range asked for; without one the shortest that reaches back to the first event, if it saw the last."""
    if asked in Range.values:
        return Range(asked)
    for each in Range:
        if now - issue.first_seen_at < each.length:
            return each
    return Range.MONTH if now - issue.last_seen_at >= Range.DAY.length else Range.DAY


def events_chart(issue: Issue, chosen: Range, environment: str, *, now: datetime) -> Chart:
    """Return the issue's events in the chosen range, with the releases and deployments of that time."""
    step = 3600 if chosen is Range.DAY else chosen.step_seconds
    span = span_ending(now, length=chosen.length, step_seconds=step)
    series = f"issue:{issue.pk}"
    found = rollups.points([issue.project_id], [series], span, environment=environment)[series]
    counts = [point.count for point in found]
    seen = f"{words.count(sum(counts))} in {chosen.label}, at most {words.count(max(counts))}"
    return Chart(
        key="issue",
        name=f"events {_unit(step)}",
        unit="",
        style="err",
        start=span.epoch_start,
        step=step,
        values=per_minute_values(counts, span) if step == 60 else tuple(float(each) for each in counts),
        finding=f"Events {_unit(step)}: {seen}",
        empty="no event in this time",
        markers=tuple(markers_between([issue.project_id], environment, span.epoch_start, span.epoch_end)),
    )


def _unit(step: int) -> str:
    return {60: "a minute", 3600: "an hour"}.get(step, f"in {step // 3600} h")
