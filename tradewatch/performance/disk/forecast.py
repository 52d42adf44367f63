"""How long the disk lasts at the rate of the last days. Pure.

The rate is the median of all slopes between two samples (Theil and Sen): one night's clean-up or an hour's burst
does not turn it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

DAY = 86_400
LEAST_SPAN_SECONDS = DAY  # a day has its quiet and its busy hours
LEAST_SAMPLES = 12
MOST_POINTS = 60  # 1,770 slopes
STILL_BYTES_A_DAY = 1_000_000
LONGEST_DAYS = 3650

Point = tuple[float, int]  # epoch seconds, bytes


@dataclass(frozen=True, slots=True)
class Forecast:
    """`bytes_a_day` None: too little history. `days_left` None: that, or it does not grow, or lasts for ten years."""

    words: str
    bytes_a_day: float | None = None
    days_left: float | None = None


def forecast(points: Sequence[Point], free_bytes: int) -> Forecast:
    """Return the forecast for samples in order of time."""
    span = points[-1][0] - points[0][0] if points else 0.0
    if len(points) < LEAST_SAMPLES or span < LEAST_SPAN_SECONDS:
        return Forecast(f"Too little history for a forecast: {_hours(span)} h of samples, 24 h are needed")
    rate = slope(points) * DAY
    if rate < STILL_BYTES_A_DAY:
        return Forecast("What is stored does not grow", bytes_a_day=rate)
    days = free_bytes / rate
    if days > LONGEST_DAYS:
        return Forecast("At this rate the disk lasts for more than ten years", bytes_a_day=rate)
    if days < 1:
        return Forecast("At this rate the disk is full within a day", bytes_a_day=rate, days_left=days)
    return Forecast(
        f"At this rate the disk is full in {days:.0f} {'day' if round(days) == 1 else 'days'}",
        bytes_a_day=rate,
        days_left=days,
    )


def slope(points: Sequence[Point]) -> float:
    """Return bytes a second, 0 for fewer than two moments."""
    step = max(1, -(-len(points) // MOST_POINTS))
    thinned = [*points[::step], points[-1]]
    pairs = combinations(thinned, 2)
    slopes = [(late[1] - early[1]) / (late[0] - early[0]) for early, late in pairs if late[0] > early[0]]
    return median(slopes) if slopes else 0.0


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.0f}"
