"""What `static/dashboard/charts.js` draws: points on a regular clock, gaps as None, bands and limits."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tradewatch.dashboard.ranges import Span
from tradewatch.metrics.markers import Marker
from tradewatch.metrics.queries import Totals


@dataclass(frozen=True, slots=True)
class Limit:
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`start` and `step` in epoch seconds; `values` one a step, None where unknown; `style`: a colour role.

    `is_running`: the last step is not over yet, and drawn dashed. `counts`: the key of the page that lists what a
    point is made of; empty where there is none. `silence` says in words what a gap is.
    """

    key: str
    name: str
    unit: str
    style: str
    start: int
    step: int
    values: tuple[float | None, ...]
    finding: str
    empty: str
    bands: tuple[tuple[int, int], ...] = ()
    limit: Limit | None = None
    markers: tuple[Marker, ...] = ()
    is_running: bool = True
    counts: str = ""
    silence: str = "no data"

    @property
    def script_id(self) -> str:
        return f"chart-{self.key}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def ratio_values(failed: Sequence[Totals], requests: Sequence[Totals]) -> tuple[float | None, ...]:
    """Return the failed share of each point in percent; None where there was no request."""
    return tuple(
        round(bad.weighted / every.weighted * 100, 3) if every.weighted else None
        for bad, every in zip(failed, requests, strict=True)
    )


def per_minute_values(counts: Sequence[float], span: Span) -> tuple[float | None, ...]:
    minutes = span.step_seconds / 60
    return tuple(round(count / minutes, 3) for count in counts)


def firing_bands(alerts: Sequence[tuple[datetime, datetime | None]], span: Span) -> tuple[tuple[int, int], ...]:
    """Return when an alert fired within `span`, as epoch seconds, overlaps joined."""
    joined: list[tuple[int, int]] = []
    for starts_at, ends_at in sorted(alerts, key=lambda pair: pair[0]):
        start, end = max(starts_at, span.start), min(ends_at or span.end, span.end)
        if start >= end:
            continue
        low, high = int(start.timestamp()), int(end.timestamp())
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)
