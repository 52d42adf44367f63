"""One-sided exact tests on counts, by log-gamma and the ratio of neighbouring terms: of a million requests only the
terms that matter are summed."""

from collections.abc import Callable
from math import exp, lgamma, log, log1p

_NEGLIGIBLE = 1e-17  # of the sum so far: below the last digit of a float


def fisher(before: int, of_before: int, after: int, of_after: int) -> float:
    """Return how likely at least `after` of `of_after` fail by chance when both samples fail alike.

    Fisher's exact test: P(X >= after), X hypergeometric: of `of_before + of_after` requests `before + after` fail,
    `of_after` are drawn (Fisher, Statistical Methods for Research Workers, 1934, section 21.02). 1.0 where there is
    nothing to compare. Relative error 1e-8 up to ten million requests.
    """
    failed, drawn, every = before + after, of_after, of_before + of_after
    low, high = max(0, drawn + failed - every), min(drawn, failed)
    rest = every - failed - drawn

    def term(k: int) -> float:
        chosen = _log_choose(failed, k) + _log_choose(every - failed, drawn - k)
        return exp(chosen - _log_choose(every, drawn))

    def rise(k: int) -> float:
        return (failed - k) * (drawn - k) / ((k + 1) * (rest + k + 1))

    mode = (failed + 1) * (drawn + 1) // (every + 2)
    return _at_least(after, low, high, mode, term, rise)


def binomial(before: int, after: int, share: float) -> float:
    """Return P(X >= after), X binomial over `before + after` events of which `share` (0 to 1) are expected after.

    The conditional test of two Poisson counts: given their sum, the later one is binomial with its share of the
    exposure (Przyborowski and Wilenski, Biometrika 31, 1940). 1.0 where there is nothing to compare.
    """
    every = before + after
    if not 0.0 < share < 1.0 or every == 0:
        return 1.0
    odds = share / (1.0 - share)

    def term(k: int) -> float:
        return exp(_log_choose(every, k) + k * log(share) + (every - k) * log1p(-share))

    def rise(k: int) -> float:
        return (every - k) / (k + 1) * odds

    return _at_least(after, 0, every, int((every + 1) * share), term, rise)


def _at_least(
    k: int, low: int, high: int, mode: int, term: Callable[[int], float], rise: Callable[[int], float]
) -> float:
    """Sum the terms from `k` up; below the mode it is quicker to sum those under `k`. `rise(k)`: term k+1 / term k."""
    if k <= low:
        return 1.0
    if k > high:
        return 0.0
    if k <= mode:
        return max(0.0, 1.0 - _sum_down(k - 1, low, term, rise))
    each = total = term(k)
    while k < high and each > total * _NEGLIGIBLE:
        each *= rise(k)
        total += each
        k += 1
    return min(1.0, total)


def _sum_down(k: int, low: int, term: Callable[[int], float], rise: Callable[[int], float]) -> float:
    each = total = term(k)
    while k > low and each > total * _NEGLIGIBLE:
        k -= 1
        each /= rise(k)
        total += each
    return total


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
