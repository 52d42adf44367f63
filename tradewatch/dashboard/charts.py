"""What `static/dashboard/charts.js` draws: points on a regular clock, gaps as None, bands and limits."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import floor
from typing import Any

from tradewatch.dashboard.ranges import Span
from tradewatch.metrics.markers import Band, Marker
from tradewatch.metrics.queries import Totals

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One more line of a chart, on the same clock and in the same unit. `is_dashed`: it was not measured."""

    name: str
    style: str
    values: Values
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """`start` and `step` in epoch seconds; `values` one a step, None where unknown; `style`: a colour role (`s1` to
    `s5`, `err`). `unit` stands at every tick; `ms`, `s` and `B` are scaled to what reads well.

    `more`: further lines, five in all at most. `is_running`: the last step is not over yet, and drawn dashed. `counts`:
    the key of the live page's figure whose counts a point opens to, `counts_href`: the address of another page of
    counts (the script adds `start` and `end`); both empty where there is none. `silence` says in words what a gap is.
    `floor`: where the y axis starts, and `ceiling`: where it ends, if not by the values.
    """

    key: str
    name: str
    unit: str
    style: str
    start: int
    step: int
    values: Values
    finding: str
    empty: str
    more: tuple[Line, ...] = ()
    bands: tuple[Band, ...] = ()
    limit: Limit | None = None
    markers: tuple[Marker, ...] = ()
    is_running: bool = True
    counts: str = ""
    counts_href: str = ""
    silence: str = "no data"
    floor: float = 0.0
    ceiling: float | None = None

    @property
    def script_id(self) -> str:
        return f"chart-{self.key}"

    @property
    def lines(self) -> tuple[Line, ...]:
        return (Line(self.name, self.style, self.values), *self.more)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def ratio_values(failed: Sequence[Totals], requests: Sequence[Totals]) -> Values:
    """Return the failed share of each point in percent; None where there was no request."""
    return tuple(
        round(bad.weighted / every.weighted * 100, 3) if every.weighted else None
        for bad, every in zip(failed, requests, strict=True)
    )


def per_minute_values(counts: Sequence[float], span: Span) -> Values:
    minutes = span.step_seconds / 60
    return tuple(round(count / minutes, 3) for count in counts)


def cut_floor(values: Sequence[float | None], *, step: float, limit: float | None = None) -> float:
    """Return where an axis may start that does not need to show zero: the step below the least value and the limit."""
    known = [value for value in values if value is not None] + ([] if limit is None else [limit])
    return max(round((floor(min(known) / step) - 1) * step, 6), 0.0) if known else 0.0


def firing_bands(alerts: Sequence[tuple[datetime, datetime | None]], span: Span) -> tuple[Band, ...]:
    """Return when an alert fired within `span`, as epoch seconds, overlaps joined."""
    joined: list[Band] = []
    for starts_at, ends_at in sorted(alerts, key=lambda pair: pair[0]):
        start, end = max(starts_at, span.start), min(ends_at or span.end, span.end)
        if start >= end:
            continue
        low, high = int(start.timestamp()), int(end.timestamp())
        if joined and low <= joined[-1].end:
            joined[-1] = Band(joined[-1].start, max(joined[-1].end, high))
        else:
            joined.append(Band(low, high))
    return tuple(joined)
