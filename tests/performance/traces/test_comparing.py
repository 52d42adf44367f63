import random

import pytest

from tradewatch.performance.traces.comparing import FEWEST, Verdict, compare, p_value, worst
from tradewatch.performance.traces.figures import Figures


def make_figures(seconds, *, failed: int = 0, weight: float = 1.0) -> Figures:
    figures = Figures()
    for number, each in enumerate(seconds):
        figures.count_one(each, is_failed=number < failed, weight=weight, apdex_seconds=0.5)
    return figures


def spread(count: int, typical: float, seed: int = 1) -> list[float]:
    lots = random.Random(seed)
    return [typical * lots.lognormvariate(0.0, 0.4) for _ in range(count)]


def verdict(before: Figures, after: Figures) -> Verdict:
    return compare({"x": before}, {"x": after})[0].verdict


@pytest.mark.parametrize(
    "before, after, said",
    [
        (make_figures(spread(500, 0.1)), make_figures(spread(500, 0.2, 2)), Verdict.SLOWER),
        (make_figures(spread(500, 0.2)), make_figures(spread(500, 0.1, 2)), Verdict.FASTER),
        (make_figures(spread(500, 0.1)), make_figures(spread(500, 0.1, 2)), Verdict.SAME),
        (make_figures(spread(50_000, 0.1)), make_figures(spread(50_000, 0.105, 2)), Verdict.SAME),  # certain, but small
        (make_figures(spread(120, 0.1)), make_figures(spread(120, 0.115, 2)), Verdict.SAME),  # 15%, but not certain
        (make_figures(spread(500, 0.1)), make_figures(spread(500, 0.1, 2), failed=40), Verdict.FAILING),
        (make_figures(spread(500, 0.1), failed=40), make_figures(spread(500, 0.1, 2)), Verdict.RECOVERED),
        (make_figures(spread(500, 0.1), failed=5), make_figures(spread(500, 0.1, 2), failed=9), Verdict.SAME),
        (make_figures(spread(500, 0.1)), make_figures(spread(500, 0.3, 2), failed=40), Verdict.FAILING),
        (make_figures(spread(500, 0.1), failed=40), make_figures(spread(500, 0.3, 2)), Verdict.SLOWER),
        (make_figures([0.1] * (FEWEST - 1)), make_figures(spread(500, 9.0)), Verdict.FEW),
        (make_figures([0.1] * 500), make_figures([9.0] * (FEWEST - 1), failed=50), Verdict.FEW),
        (make_figures([]), make_figures([0.1] * 500), Verdict.NEW),
        (make_figures([0.1] * 500), make_figures([]), Verdict.GONE),
        (make_figures([None] * 500), make_figures([None] * 500, failed=60), Verdict.FAILING),  # without durations
        (make_figures([0.1] * 500), make_figures([0.1] * 500), Verdict.SAME),
    ],
)
def test_verdicts(before, after, said):
    assert verdict(before, after) is said


def test_what_is_said_of_a_hundred_that_never_changed():
    before = {number: make_figures(spread(300, 0.1, number)) for number in range(100)}
    after = {number: make_figures(spread(300, 0.1, number + 1000)) for number in range(100)}
    assert {change.verdict for change in compare(before, after)} == {Verdict.SAME}


def test_a_weight_is_no_evidence():
    """Three failures of ten at a sample rate of 1% stand for 300 of 1,000; they are still three of ten."""
    before, after = make_figures([0.1] * 10, weight=100.0), make_figures([0.1] * 10, failed=3, weight=100.0)
    assert verdict(before, after) is Verdict.FEW


def test_the_worst_come_first_by_what_they_cost():
    def slow(count, seed):
        return make_figures(spread(count, 0.1, seed)), make_figures(spread(count, 0.4, seed + 1))

    pairs = {
        "rare": slow(200, 1),
        "often": slow(2000, 3),
        "failing": (make_figures([0.1] * 200), make_figures([0.1] * 200, failed=30)),
        "same": (make_figures([0.1] * 200), make_figures([0.1] * 200)),
        "faster": slow(200, 5)[::-1],
    }
    changes = compare({k: pair[0] for k, pair in pairs.items()}, {k: pair[1] for k, pair in pairs.items()})
    assert [change.key for change in changes] == ["failing", "often", "rare", "same", "faster"]
    assert [change.key for change in worst(changes, limit=2)] == ["failing", "often"]
    often = changes[1]
    assert often.p95_ratio == pytest.approx(4.0, rel=0.15)
    assert often.seconds_lost == pytest.approx(2000 * 0.3 * 1.08, rel=0.1)
    assert changes[0].failure_difference == pytest.approx(0.15)


@pytest.mark.parametrize(
    "shares, expected",
    [
        ((10, 100, 10, 100), 1.0),
        ((0, 0, 10, 100), 1.0),
        ((0, 100, 0, 100), 1.0),
        ((100, 100, 100, 100), 1.0),
        ((30, 100, 50, 100), 0.003892),  # z = 2.887, by a table of the normal distribution
        ((5, 500, 15, 500), 0.023891),
    ],
)
def test_p_values(shares, expected):
    assert p_value(*shares) == pytest.approx(expected, rel=0.002)
