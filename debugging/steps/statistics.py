"""How unlikely it is that chance alone did it. Pure; exact, without approximations for small counts."""

from math import exp, inf, lgamma, log


def fisher_tail(with_among_failing: int, failing: int, with_among_passing: int, passing: int) -> float:
    """Return the one-sided p of Fisher's exact test: that so many or more of the failing ones carry a value by chance.

    Fisher, R. A. (1935): given the margins, the count follows the hypergeometric distribution. From 0.0 to 1.0.
    """
    carrying = with_among_failing + with_among_passing
    everyone = failing + passing
    if not failing or not carrying:
        return 1.0
    total = 0.0
    for count in range(with_among_failing, min(failing, carrying) + 1):
        if carrying - count <= passing:
            ways = _log_choose(failing, count) + _log_choose(passing, carrying - count)
            total += exp(ways - _log_choose(everyone, carrying))
    return min(1.0, total)


def poisson_tail(count: int, expected: float) -> float:
    """Return the chance of `count` or more where `expected` is the mean, from 0.0 to 1.0."""
    if count <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    # The terms from `count` on: they fall from where count > expected, which is what callers ask about.
    total, term = 0.0, exp(count * log(expected) - expected - lgamma(count + 1))
    number = count
    while term > total * 1e-12 or number <= expected:
        total += term
        number += 1
        term *= expected / number
    return min(1.0, total)


def lift(with_among_failing: int, failing: int, with_among_passing: int, passing: int) -> float:
    """Return how many times as often failing ones carry the value; infinite where no passing one does."""
    if not failing or not with_among_failing:
        return 0.0
    if not with_among_passing:
        return inf
    return (with_among_failing / failing) / (with_among_passing / passing)


def p_words(p: float) -> str:
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}"


def _log_choose(whole: int, part: int) -> float:
    return lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)
