"""Many tests at once."""

from collections.abc import Sequence


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return each p-value corrected for how many were asked, in the same order: at a level q, at most q of those that
    stay below it are wrong on average (Benjamini and Hochberg, JRSS B 57, 1995)."""
    count, least = len(p_values), 1.0
    corrected = [1.0] * count
    for rank, at in reversed(list(enumerate(sorted(range(count), key=p_values.__getitem__), start=1))):
        least = min(least, p_values[at] * count / rank)
        corrected[at] = least
    return corrected
