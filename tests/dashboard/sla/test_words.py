"""What the pages say of targets: never more than is known, never a rounding that changes the verdict."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.choices import Direction, Indicator
from sla.minutes.values import UNIT
from tradewatch.dashboard.sla.words import counted, exact_share, left_words, promise_words, seconds_words, share_words

D = Decimal


@pytest.mark.parametrize(
    ("ratio", "near", "said"),
    [
        ("0.99929", "0.999", "99.929%"),
        ("0.999", "0.999", "99.9%"),
        ("0.9989999", "0.999", "99.89999%"),  # missed by one of ten million: it does not read as met
        ("0.9999996", None, "99.99996%"),
        ("1", None, "100%"),
        ("0", None, "0%"),
        ("0.0000003", None, "0.00003%"),
        ("0.5", None, "50%"),
        ("0.4567", None, "45.7%"),
        (None, "0.999", "no data"),
    ],
)
def test_ratios(ratio, near, said) -> None:
    assert share_words(ratio and D(ratio), near=near and D(near)) == said


@pytest.mark.parametrize(
    ("seconds", "near", "said"),
    [("0.4312", "0.5", "431 ms"), ("0.5001", "0.5", "500.1 ms"), ("1.834", None, "1.83 s"), ("2", "2", "2 s")],
)
def test_times(seconds, near, said) -> None:
    assert seconds_words(D(seconds), near=near and D(near)) == said


@pytest.mark.parametrize(
    ("remaining", "said"),
    [
        ("0.2941", "29.4% left"),
        ("1", "100% left"),
        ("0.99999", "99.999% left"),
        ("0", "spent"),
        ("-0.12", "spent, 12% over"),
        ("0.0001", "0.01% left"),
        (None, "no data"),
    ],
)
def test_what_is_left(remaining, said) -> None:
    assert left_words(remaining and D(remaining)) == said


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0"), (4103 * UNIT, "4,103"), (UNIT // 2, "0.5"), (3_333_333, "3.33"), (-UNIT, "−1")]
)
def test_counts(number, said) -> None:
    assert counted(number) == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "99.9% of requests succeed"),
        ({"definition": {"transaction": "POST /orders"}}, "99.9% of requests of POST /orders succeed"),
        (
            {"indicator": Indicator.ERROR_RATE, "direction": Direction.LOWER, "target_value": D("0.01")},
            "at most 1% of requests fail",
        ),
        (
            {
                "indicator": Indicator.PERCENTILE,
                "target_value": D("0.5"),
                "objective": D("0.95"),
                "definition": {"quantile": 0.95, "threshold_seconds": 0.5},
            },
            "p95 of requests at most 500 ms",
        ),
        (
            {"indicator": Indicator.LATENCY, "definition": {"threshold_seconds": "0.25"}},
            "99.9% of requests take at most 250 ms",
        ),
        ({"indicator": Indicator.UPTIME, "definition": {"check": 3}}, "99.9% of the time of one check up"),
        (
            {"slice_seconds": 300, "slice_target": D("0.99"), "objective": D("0.999")},
            "99.9% of slices of 5 min have 99% good",
        ),
        (
            {"definition": {"tag": {"key": "venue", "value": "XLON"}}},
            "99.9% of requests with venue XLON succeed",
        ),
    ],
)
def test_a_promise_in_a_line(fields, said) -> None:
    defaults = {
        "indicator": Indicator.AVAILABILITY,
        "direction": Direction.HIGHER,
        "target_value": D("0.999"),
        "objective": D("0.999"),
        "definition": {},
        "slice_seconds": None,
        "slice_target": None,
    }
    assert promise_words(SimpleNamespace(**(defaults | fields))) == said


@given(st.decimals(0, 1, places=6), st.decimals(0, 1, places=6))
def test_two_ratios_read_alike_only_when_they_are(value, near) -> None:
    if value != near:
        assert share_words(value, near=near) != exact_share(near)
