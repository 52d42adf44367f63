"""The failed share of requests minute by minute, of the version before and of the one that went out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from releases.models import Deployment
from tradewatch.dashboard.chart_frame import ChartFrame, make_frame
from tradewatch.dashboard.charts import Chart, Line, Values
from tradewatch.dashboard.performance.reading import filled
from tradewatch.dashboard.ranges import CustomRange
from tradewatch.dashboard.releases.deployment.asked import Asked
from tradewatch.dashboard.releases.deployment.looks import worst_endpoint
from tradewatch.metrics.release_markers import short_version
from tradewatch.performance.traces import queries
from tradewatch.performance.traces.figures import Figures
from tradewatch.projects.versions import is_named

BEFORE, AFTER = timedelta(minutes=60), timedelta(minutes=60)
EMPTY = "no request was measured in this time"


def errors(asked: Asked) -> Mapping[str, Any]:
    name = worst_endpoint(asked.row)
    return {"errors_chart": errors_of(asked.row, name, now=asked.now), "errors_of": name or "all requests"}


def errors_of(row: Deployment, name: str, *, now: datetime) -> Chart:
    """Return the chart of one endpoint; `name` empty: of all of them."""
    frame = make_frame([row.project_id], row.environment, period_of(row, now=now), now=now)
    older, newer = _by_release(row, frame, name) or _by_time(row, frame, name)
    return frame.chart("errors", older.name, older.values, unit="%", empty=EMPTY, more=[newer])


def period_of(row: Deployment, *, now: datetime) -> CustomRange:
    """Return an hour on either side of its end, in whole minutes; the running minute is left out."""
    at = row.finished_at or row.started_at
    last = datetime.fromtimestamp(int(now.timestamp()) // 60 * 60, UTC)
    end = min(at + AFTER, last)
    return CustomRange(at - BEFORE, max(end, at - BEFORE + timedelta(minutes=1)))


def _by_release(row: Deployment, frame: ChartFrame, name: str) -> tuple[Line, Line] | None:
    """Return the lines of both versions; None where no request names the new one, or it is the old one once more."""
    before = row.previous.version if row.previous else ""
    span = frame.span
    found = queries.by_release(
        [row.project_id], span.epoch_start, span.epoch_end, environment=row.environment, name=name or None
    )
    newer = [version for version in found if is_named(version, row.version)]
    others = [version for version in found if version not in newer]
    older = [version for version in others if is_named(version, before)]
    if not newer or before == row.version:
        return None
    label = short_version(before) if older or (before and not others) else "others"
    return (
        Line(label, "s1", _values(row, frame, name, older or others)),
        Line(short_version(row.version), "err", _values(row, frame, name, newer)),
    )


def _by_time(row: Deployment, frame: ChartFrame, name: str) -> tuple[Line, Line]:
    """Return what came before its end, and what came after: requests name no release, or another one."""
    values = shares(_points(row, frame, name))
    at = row.finished_at or row.started_at
    cut = max(0, int(at.timestamp()) - frame.span.epoch_start) // frame.span.step_seconds
    none: tuple[None, ...] = (None,)
    return (
        Line("before", "s1", values[:cut] + none * (len(values) - cut)),
        Line("after", "err", none * min(cut, len(values)) + values[cut:]),
    )


def shares(points: Sequence[Figures]) -> Values:
    """Return the failed share in percent; None where no request came: silence is unknown."""
    return tuple(None if point.failure_ratio is None else round(point.failure_ratio * 100, 3) for point in points)


def _values(row: Deployment, frame: ChartFrame, name: str, versions: Sequence[str]) -> Values:
    sums = [Figures() for _ in range(frame.span.steps)]
    for version in versions:
        for known, more in zip(sums, _points(row, frame, name, version), strict=True):
            known.merge(more)
    return shares(sums)


def _points(row: Deployment, frame: ChartFrame, name: str, release: str | None = None) -> list[Figures]:
    span = frame.span
    found = queries.points(
        [row.project_id],
        span.epoch_start,
        span.epoch_end,
        span.step_seconds,
        environment=row.environment,
        name=name or None,
        release=release,
    )
    return filled(found, span)
