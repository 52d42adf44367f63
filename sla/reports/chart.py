"""The burn-down of a budget as points of a picture, for SVG and PDF alike. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from sla.reports.numbers import share_words
from sla.reports.times import moment_at

Place = Callable[[str], float]  # of a moment as documents write it
LEFT, RIGHT, TOP, BOTTOM = 40.0, 440.0, 24.0, 200.0
WIDTH, HEIGHT = 452, 222
LEAST_POINTS = 2
FLAGS = 8
FLAG_WIDTH = 40.0
LABELS = 5


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`line` goes through (x, y), x to the right and y down; `pace` is the even spending, flags are releases."""

    words: str
    line: tuple[tuple[float, float], ...]
    pace: tuple[tuple[float, float], tuple[float, float]]
    zero: float
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    flags: tuple[Tick, ...]

    @property
    def line_path(self) -> str:
        return "M" + "L".join(f"{x} {y}" for x, y in self.line)

    @property
    def area_path(self) -> str:
        return f"M{self.line[0][0]} {self.zero}L" + self.line_path[1:] + f"L{self.line[-1][0]} {self.zero}Z"

    @property
    def pace_path(self) -> str:
        (x1, y1), (x2, y2) = self.pace
        return f"M{x1} {y1}L{x2} {y2}"


def chart_of(entry: Mapping[str, Any], markers: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Return the budget left after each row of the entry; None: fewer than two rows have one."""
    rows = [row for row in entry["rows"] if row["left"] is not None]
    if len(rows) < LEAST_POINTS:
        return None
    lefts = [Decimal(1), *(Decimal(row["left"]) for row in rows)]
    places = _places(entry)
    low = _low(min(lefts))
    xs = [LEFT, *(places(row["end"]) for row in rows)]
    return Chart(
        words=f"Budget left of {entry['metric_name']}: {share_words(rows[-1]['left'])} after {rows[-1]['label']}, "
        f"lowest {share_words(str(min(lefts)))}",
        line=tuple((x, _height(left, low)) for x, left in zip(xs, lefts, strict=True)),
        pace=((LEFT, _height(Decimal(1), low)), (RIGHT, _height(Decimal(0), low))),
        zero=_height(Decimal(0), low),
        rows=tuple(
            Tick(
                _height(low + (1 - low) * step / 4, low),
                share_words(str(low + (1 - low) * step / 4)).replace(".0%", "%"),
            )
            for step in range(5)
        ),
        columns=_columns(rows, places),
        flags=_apart([Tick(places(each["at"]), each["label"][:12]) for each in _flags(entry, markers)]),
    )


def _places(entry: Mapping[str, Any]) -> Place:
    """Return a function that tells where a moment stands between the two ends of the period."""
    start = moment_at(entry["period"]["start"], None)
    length = (moment_at(entry["period"]["end"], None) - start).total_seconds()

    def place(text: str) -> float:
        share = (moment_at(text, None) - start).total_seconds() / length
        return round(LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0), 1)

    return place


def _low(least: Decimal) -> Decimal:
    """Return where the axis ends: zero, or the next half below a budget that was overspent (at most ten times)."""
    if least >= 0:
        return Decimal(0)
    return max(Decimal(int(least * 2) - 1) / 2, Decimal(-10))


def _height(left: Decimal, low: Decimal) -> float:
    share = float((max(left, low) - low) / (1 - low))
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def _columns(rows: Sequence[Mapping[str, Any]], places: Place) -> tuple[Tick, ...]:
    step = max(1, -(-len(rows) // LABELS))
    return tuple(Tick(places(row["start"]), row["label"]) for row in rows[::step])


def _flags(entry: Mapping[str, Any], markers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    period = entry["period"]
    return [each for each in markers if period["start"] <= each["at"] < period["end"]][-FLAGS:]


def _apart(flags: Sequence[Tick]) -> tuple[Tick, ...]:
    """Return the flags whose words do not lie over those of a later one."""
    after = [flag.at for flag in flags[1:]]
    return tuple(flag for flag, at in zip_longest(flags, after) if at is None or at - flag.at >= FLAG_WIDTH)
