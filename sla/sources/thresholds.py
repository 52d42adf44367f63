"""How many of the points that one cell sums up lie beyond a threshold. Pure."""

from tradewatch.metrics.histogram import ZERO_BIN
from tradewatch.metrics.points.spread import bin_of
from tradewatch.metrics.points.values import Cell


def beyond(cell: Cell, operator: str, threshold: float) -> tuple[int, bool]:
    """Return how many points break `value operator threshold` ("<=" or ">="), and whether that is exact.

    Exact where all lie on one side, and of two points always: the least and the greatest are known. Of more, those in
    between are read from the histogram of a distribution; of others they are taken to lie evenly.
    """
    if operator == ">=":
        cell, threshold = _mirrored(cell), -threshold
    if cell.max <= threshold:
        return 0, True
    if cell.min > threshold:
        return cell.count, True
    if cell.count == 2:
        return 1, True
    return min(max(_about(cell, threshold), 1), cell.count - 1), False


def _about(cell: Cell, threshold: float) -> int:
    if cell.bins:
        limit = bin_of(threshold)
        return sum(count for index, count in cell.bins.items() if index > limit)
    return round(cell.count * (cell.max - threshold) / (cell.max - cell.min))


def _mirrored(cell: Cell) -> Cell:
    bins = {2 * ZERO_BIN - index: count for index, count in (cell.bins or {}).items()}
    return Cell(cell.count, -cell.sum, -cell.max, -cell.min, cell.last_at, -cell.last, bins)
