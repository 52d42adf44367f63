import math

import pytest

from tests.dashboard.performance.builders import make_figures
from tradewatch.dashboard.performance.spread import BARS, make_spread


def test_the_bars_hold_every_request_and_the_highest_is_full() -> None:
    durations = [0.01 * 1.05**n for n in range(100)]
    spread = make_spread(make_figures(durations).bins, {"p50": durations[50]})
    assert spread is not None
    assert len(spread.bars) == BARS
    counted = sum(int(bar.title.split(": ")[1].split(",")[0]) for bar in spread.bars)
    assert counted == 100
    assert max(bar.height for bar in spread.bars) == 100.0
    assert all(bar.y + bar.height == pytest.approx(100.0) for bar in spread.bars)


def test_a_mark_stands_where_its_quantile_lies() -> None:
    durations = [0.01 * 10 ** (n / 50) for n in range(101)]  # 10 ms to 1 s, equal steps of the logarithm
    spread = make_spread(make_figures(durations).bins, {"p50": 0.1, "p100": 5.0})
    assert spread is not None
    assert spread.marks[0].share == pytest.approx(50, abs=1.5)
    assert (spread.marks[1].share, spread.marks[1].text) == (100.0, "p100 5.0 s")
    assert spread.finding == "Durations of 101 requests: p50 100 ms, p100 5.0 s"


def test_one_odd_request_does_not_squeeze_the_others_into_a_bar() -> None:
    spread = make_spread(make_figures([0.1 + n / 10_000 for n in range(999)] + [500.0]).bins, {})
    assert spread is not None
    assert sum(bar.height > 0 for bar in spread.bars) > BARS / 2


def test_equal_durations_make_one_bar_in_the_middle_of_a_factor_of_two() -> None:
    spread = make_spread(make_figures([0.2] * 10).bins, {})
    assert spread is not None
    (bar,) = [bar for bar in spread.bars if bar.height]
    assert abs(bar.x - 400) <= 40


@pytest.mark.parametrize("bins", [{}, {-32768: 5}])
def test_nothing_and_zeros_do_no_harm(bins: dict[int, int]) -> None:
    spread = make_spread(bins, {"p50": 0.0})
    assert (spread is None) == (not bins)
    assert spread is None or all(math.isfinite(bar.height) for bar in spread.bars)
