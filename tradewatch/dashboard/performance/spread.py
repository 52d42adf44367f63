"""How long requests took, as bars on a logarithmic scale. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tradewatch.dashboard import words
from tradewatch.metrics.histogram import value_of

BARS = 40
WIDTH, HEIGHT = 800.0, 100.0
_EDGE = 0.995  # outside the 0.25% at either end one odd request would squeeze all others into a bar


@dataclass(frozen=True, slots=True)
class Bar:
    """A range of durations. `x`, `width` and `height` are in a box of 800 by 100; `title` says what is in it."""

    x: float
    width: float
    height: float
    title: str

    @property
    def y(self) -> float:
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Mark:
    """A quantile on the same scale, `share` of the width from the left, in percent."""

    share: float
    text: str


@dataclass(frozen=True, slots=True)
class Spread:
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    least: str
    most: str
    finding: str


def make_spread(bins: Mapping[int, int | float], quantiles: Mapping[str, float]) -> Spread | None:
    """Return the picture of a histogram with its named quantiles (in seconds); None without durations.

    `bins` are those of `metrics.histogram`, weighted or not.
    """
    weights = {max(value_of(index), 1e-6): weight for index, weight in bins.items() if weight > 0}
    total = sum(weights.values())
    if not total:
        return None
    low, high = _bounds(weights, total)
    scale = math.log(high / low)
    sums = [0.0] * BARS
    for seconds, weight in weights.items():
        place = int(math.log(seconds / low) / scale * BARS)
        sums[min(max(place, 0), BARS - 1)] += weight
    highest = max(sums)
    bars = tuple(
        Bar(
            x=round(index * WIDTH / BARS, 2),
            width=round(WIDTH / BARS * 0.86, 2),
            height=round(max(weight / highest * HEIGHT, 1.0 if weight else 0.0), 2),
            title=_title(
                low * math.exp(scale * index / BARS), low * math.exp(scale * (index + 1) / BARS), weight, total
            ),
        )
        for index, weight in enumerate(sums)
    )
    marks = tuple(
        Mark(round(min(max(math.log(max(seconds, 1e-6) / low) / scale, 0.0), 1.0) * 100, 1), f"{name} {_time(seconds)}")
        for name, seconds in quantiles.items()
    )
    return Spread(bars, marks, _time(low), _time(high), _finding(total, quantiles))


def _bounds(weights: Mapping[float, float], total: float) -> tuple[float, float]:
    """Return where the picture starts and ends, in seconds: at least a factor of two apart."""
    ordered = sorted(weights.items())
    low = _at(ordered, total * (1 - _EDGE) / 2) * 0.97
    high = _at(ordered, total * (1 + _EDGE) / 2) * 1.03
    if high / low < 2:
        middle = math.sqrt(low * high)
        low, high = middle / math.sqrt(2), middle * math.sqrt(2)
    return low, high


def _at(ordered: list[tuple[float, float]], position: float) -> float:
    passed = 0.0
    for seconds, weight in ordered:
        passed += weight
        if passed >= position:
            return seconds
    return ordered[-1][0]


def _title(low: float, high: float, weight: float, total: float) -> str:
    return f"{_time(low)} to {_time(high)}: {words.count(round(weight))}, {words.percent(weight / total)}"


def _finding(total: float, quantiles: Mapping[str, float]) -> str:
    said = ", ".join(f"{name} {_time(seconds)}" for name, seconds in quantiles.items())
    return f"Durations of {words.plural(round(total), 'request')}: {said}"


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.01 else words.seconds(seconds)
