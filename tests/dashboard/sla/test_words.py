"""What the pages say of targets: never more than is known, never a rounding that changes the verdict."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.minutes.values import UNIT
from tradewatch.dashboard.sla.words import counted, exact_share, left_words, seconds_words, share_words

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


@given(st.decimals(0, 1, places=6), st.decimals(0, 1, places=6))
def test_two_ratios_read_alike_only_when_they_are(value, near) -> None:
    if value != near:
        assert share_words(value, near=near) != exact_share(near)
