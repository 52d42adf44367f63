"""What a test could have seen: the least change that samples of this size would have shown."""

from math import ceil

from releases.verdicts.statistics.ratios import more_than_expected
from releases.verdicts.statistics.tails import fisher


def is_large(before: int, of_before: int, after: int, of_after: int, *, ratio: float, more: float) -> bool:
    """Return whether failures rose at least `ratio` times, and by at least `more` than expected."""
    if not of_before or not of_after:
        return False
    risen = after * of_before >= ratio * before * of_after
    return risen and more_than_expected(before, of_before, after, of_after) >= more


def smallest_rise(before: int, of_before: int, of_after: int, *, level: float, ratio: float, more: float) -> int | None:
    """Return how many of `of_after` must fail at least to be significant at `level` and large enough.

    None: not even if all of them did.
    """

    def shows(after: int) -> bool:
        is_seen = is_large(before, of_before, after, of_after, ratio=ratio, more=more)
        return is_seen and fisher(before, of_before, after, of_after) <= level

    low, high = 0, of_after
    if not of_before or not of_after or not shows(high):
        return None
    low = min(high, ceil(before / of_before * of_after))
    while low < high:
        middle = (low + high) // 2
        if shows(middle):
            high = middle
        else:
            low = middle + 1
    return low
