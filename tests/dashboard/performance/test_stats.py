from datetime import timedelta

import pytest

from tests.dashboard.performance.builders import make_figures
from tradewatch.dashboard.figures import Figure
from tradewatch.dashboard.performance.stats import make_stats, requests_words, sampled
from tradewatch.performance.traces.figures import Figures


def stats(now: Figures, before: Figures | None = None) -> dict[str, Figure]:
    made = make_stats(
        now,
        Figures() if before is None else before,
        length=timedelta(hours=1),
        compared="the hour before",
        threshold=0.05,
        apdex_words="T 0.5 s",
    )
    return {stat.key: stat for stat in made}


def test_each_figure_says_what_it_was_made_of_and_what_it_was_before() -> None:
    now = make_figures([0.1] * 90 + [0.8] * 8 + [3.0] * 2, failed=2)
    found = stats(now, make_figures([0.1] * 50, failed=1))
    assert (found["throughput"].value, found["throughput"].counts) == ("1.7", "100 requests")
    assert found["throughput"].change == "▲ 2.0x on the hour before"
    assert (found["failures"].value, found["failures"].counts) == ("2.0", "2 / 100")
    assert found["failures"].change == "unchanged on the hour before"
    assert (found["latency"].value, found["latency"].unit) == ("794", "ms")  # of 0.8 s: within 1%
    assert found["latency"].counts == "p50 99 ms · 100 measured"
    assert found["latency"].is_worse
    assert found["apdex"].value == "0.920"  # 2 of the 90 fast ones failed
    assert found["apdex"].counts == "88 satisfied, 8 tolerating of 100 · T 0.5 s"
    assert found["apdex"].change == "was 0.980 in the hour before"


def test_without_transactions_nothing_is_zero() -> None:
    for stat in stats(Figures(), make_figures([0.1])).values():
        assert (stat.value, stat.change) == ("no data", "")
        assert stat.is_unknown


def test_without_a_time_before_it_says_so() -> None:
    found = stats(make_figures([0.1] * 10))
    assert {stat.change for stat in found.values()} == {"nothing in the hour before"}


def test_unmeasured_transactions_have_a_throughput_and_no_times() -> None:
    figures = Figures()
    figures.count_one(None, is_failed=False, weight=1.0, apdex_seconds=0.5)
    found = stats(figures)
    assert not found["throughput"].is_unknown
    assert found["latency"].is_unknown
    assert found["apdex"].is_unknown


def test_above_what_an_alert_fires_at_it_is_bad() -> None:
    found = stats(make_figures([0.1] * 10, failed=1))
    assert (found["failures"].value, found["failures"].is_bad) == ("10.0", True)


@pytest.mark.parametrize(
    ("weight", "text", "requests"),
    [(1.0, "", "10 requests"), (5.0, "sampled 20%, counts weighted", "≈ 50 requests, 10 seen")],
)
def test_sampling_is_said(weight: float, text: str, requests: str) -> None:
    figures = make_figures([0.1] * 10, weight=weight)
    assert (sampled(figures), requests_words(figures)) == (text, requests)
