"""What an aggregation comes to over windows that slide by whole minutes: one pass, however many windows. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tradewatch.metrics.histogram import Bins
from tradewatch.metrics.points.aggregations import QUANTILES, answer
from tradewatch.metrics.points.values import Cell


class Measured(NamedTuple):
    """`value` None: no point in the window. `points`: how many it is made of."""

    value: float | None
    points: int


def slide(minutes: Mapping[int, Cell], ends: Sequence[int], seconds: int, aggregation: str) -> list[Measured]:
    """Return the aggregation over [end - seconds, end) for each of `ends` (ascending; epoch seconds).

    A window without a point has no value; for what adds up, the caller knows whether that is zero.
    """
    moments = sorted(minutes)
    window, found, past = _Window(aggregation), [], 0
    for end in ends:
        while past < len(moments) and moments[past] < end:
            window.take(moments[past], minutes[moments[past]])
            past += 1
        window.drop_before(end - seconds)
        found.append(window.measured(seconds))
    return found


class _Window:
    """The minutes in the window. Extremes stand in a queue, its head is the extreme: each comes and goes once."""

    def __init__(self, aggregation: str) -> None:
        self._aggregation = aggregation
        self._cells: deque[tuple[int, Cell]] = deque()
        self._extremes: deque[tuple[int, float]] = deque()
        self._count, self._sum = 0, 0.0
        self._bins: Bins = {}

    def take(self, minute: int, cell: Cell) -> None:
        self._cells.append((minute, cell))
        self._count += cell.count
        self._sum += cell.sum
        if self._aggregation in QUANTILES:
            self._add_bins(cell.bins or {}, 1)
        if self._aggregation in ("min", "max"):
            value = cell.min if self._aggregation == "min" else -cell.max
            while self._extremes and self._extremes[-1][1] >= value:
                self._extremes.pop()
            self._extremes.append((minute, value))

    def drop_before(self, start: int) -> None:
        while self._cells and self._cells[0][0] < start:
            _, cell = self._cells.popleft()
            self._count -= cell.count
            self._sum -= cell.sum
            if self._aggregation in QUANTILES:
                self._add_bins(cell.bins or {}, -1)
        while self._extremes and self._extremes[0][0] < start:
            self._extremes.popleft()
        if not self._cells:
            self._sum = 0.0  # what rounding left

    def measured(self, seconds: int) -> Measured:
        if not self._cells:
            return Measured(None, 0)
        return Measured(answer(self._aggregation, self._numbers(), self._bins, seconds), self._count)

    def _numbers(self) -> list[float]:
        newest = self._cells[-1][1]
        extreme = self._extremes[0][1] if self._extremes else 0.0
        numbers: dict[str, list[float]] = {
            "rate": [self._sum],
            "sum": [self._sum],
            "count": [self._count],
            "avg": [self._count, self._sum],
            "min": [extreme],
            "max": [-extreme],
            "last": [newest.last_at, newest.last],
        }
        return numbers.get(self._aggregation, [self._count])

    def _add_bins(self, bins: Mapping[int, int], sign: int) -> None:
        for index, count in bins.items():
            self._bins[index] = self._bins.get(index, 0) + sign * count
            if not self._bins[index]:
                del self._bins[index]
