"""Sums over windows that slide by whole minutes: one pass over the points, however many windows there are."""

from collections.abc import Mapping, Sequence

from tradewatch.metrics.queries import Totals


def window_sums(points: Mapping[int, Totals], ends: Sequence[int], window_seconds: int) -> list[Totals]:
    """Return the sum of the points in [end - window, end) for each of `ends` (ascending; epoch seconds)."""
    moments = sorted(points)
    sums, first, past = [], 0, 0
    count, weighted = 0, 0.0
    for end in ends:
        while past < len(moments) and moments[past] < end:
            count += points[moments[past]].count
            weighted += points[moments[past]].weighted
            past += 1
        while first < past and moments[first] < end - window_seconds:
            count -= points[moments[first]].count
            weighted -= points[moments[first]].weighted
            first += 1
        sums.append(Totals(count, weighted if count else 0.0))
    return sums
