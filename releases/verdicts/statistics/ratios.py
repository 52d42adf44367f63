"""Shares and ratios of shares, with what they may be."""

from dataclasses import dataclass
from math import exp, log, sqrt

Z95 = 1.959963984540054  # two-sided 95%


@dataclass(frozen=True, slots=True)
class Range:
    low: float
    high: float


def wilson(failed: int, requests: int, z: float = Z95) -> Range | None:
    """Return the interval in which the true share lies, from 0 to 1; None without requests.

    Wilson's score interval without continuity correction (Wilson, JASA 22, 1927).
    """
    if requests <= 0:
        return None
    share, z2 = failed / requests, z * z
    middle = (share + z2 / (2 * requests)) / (1 + z2 / requests)
    half = z / (1 + z2 / requests) * sqrt(share * (1 - share) / requests + z2 / (4 * requests * requests))
    return Range(max(0.0, middle - half), min(1.0, middle + half))


def risk_ratio(before: int, of_before: int, after: int, of_after: int) -> float | None:
    """Return how many times as often requests fail after as before; None where that is not a number."""
    if not before or not of_before or not of_after:
        return None
    return (after / of_after) / (before / of_before)


def risk_ratio_range(before: int, of_before: int, after: int, of_after: int, z: float = Z95) -> Range | None:
    """Return what the risk ratio is at least and at most; None without requests on a side.

    Katz et al., Biometrics 34, 1978 (normal on the log scale); half a request is added to each cell where one is zero
    (Haldane 1956), so that "none before" has a lower bound too.
    """
    if not of_before or not of_after:
        return None
    add = 0.5 if 0 in (before, after) else 0.0
    a, m, b, n = after + add, of_after + 2 * add, before + add, of_before + 2 * add
    middle = log(a / m) - log(b / n)
    half = z * sqrt(max(0.0, 1 / a - 1 / m + 1 / b - 1 / n))
    return Range(exp(middle - half), exp(middle + half))


def more_than_expected(before: int, of_before: int, after: int, of_after: int) -> float:
    """Return how many more failed than would have at the share of before; negative: fewer."""
    return after - before / of_before * of_after if of_before else float(after)
