"""A burn-down as a small picture drawn on the server: the budget left over the period. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sla.figures.values import Period

WIDTH, HEIGHT = 120.0, 28.0
LOWEST = -0.25  # of the budget: what is more over than that lies on the lower edge
PADDING = 1.0


@dataclass(frozen=True, slots=True)
class Curve:
    """SVG path data in a box of 120 by 28; `zero` is the height of a spent budget. `path` empty: no budget."""

    path: str
    zero: float
    pace: str


def curve_of(points: Sequence[tuple[datetime, Decimal]], period: Period) -> Curve:
    """Return the budget left from the period's start to its end, and the even pace beside it."""
    places = [(_x(at, period), _y(float(left))) for at, left in points]
    path = "".join(f"{'L' if number else 'M'}{x:.1f} {y:.1f}" for number, (x, y) in enumerate(places))
    return Curve(path, round(_y(0.0), 1), f"M0 {_y(1.0):.1f}L{WIDTH:g} {_y(0.0):.1f}")


def _x(at: datetime, period: Period) -> float:
    length = (period.end - period.start).total_seconds()
    return (at - period.start).total_seconds() / length * WIDTH if length else 0.0


def _y(left: float) -> float:
    share = (1 - max(left, LOWEST)) / (1 - LOWEST)
    return PADDING + share * (HEIGHT - 2 * PADDING)
