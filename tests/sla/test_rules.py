from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.choices import Direction, Indicator
from sla.rules import Promise, faults_in

MARKETS = ("XLON", "XNYS")


def promise(
    indicator: str = "availability", values: tuple[str, str, str] = ("0.999", "0.995", "0.99"), **more: Any
) -> Promise:
    target, warning, critical = map(Decimal, values)
    return Promise(
        indicator=indicator, target_value=target, warning_threshold=warning, critical_threshold=critical, **more
    )


SECONDS = ("0.3", "0.5", "1")


@pytest.mark.parametrize(
    "right",
    [
        promise(),
        promise(values=("0.999", "0.999", "0.999")),
        promise(values=("1", "0.5", "0")),
        promise("percentile", SECONDS, definition={"quantile": 0.95}),
        promise("error_rate", ("0", "0.01", "1")),
        promise(slice_seconds=300, slice_target=Decimal("0.99")),
        promise(window="market", market="XNYS"),
        promise(window="calendar", window_unit="quarter", zone="America/New_York"),
        promise(excluded_times="09:30-09:31 America/New_York"),
    ],
)
def test_what_is_in_order_has_no_fault(right: Promise) -> None:
    assert faults_in(right, markets=MARKETS) == {}


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        (promise(values=("0.99", "0.995", "0.98")), ["warning_threshold"]),
        (promise(values=("0.99", "0.98", "0.985")), ["critical_threshold"]),
        (promise(values=("0.9", "0.95", "0.99")), ["warning_threshold", "critical_threshold"]),
        (promise("percentile", ("0.5", "0.3", "1")), ["warning_threshold"]),
        (promise("error_rate", ("0.01", "0.05", "0.02")), ["critical_threshold"]),
        (promise(values=("99.9", "0.99", "0.9")), ["target_value"]),
        (promise(values=("0.9", "-0.1", "-1")), ["warning_threshold", "critical_threshold"]),
        (promise(values=("0", "0", "0")), ["target_value"]),
        (promise("error_rate", ("1", "1", "1")), ["target_value"]),
        (promise("percentile", ("0", "1", "2")), ["target_value"]),
        (promise("percentile", ("1", "2", "86400.5")), ["critical_threshold"]),
        (promise(values=("0.9999999999", "0.9", "0.8")), ["target_value"]),
        (promise(values=("NaN", "0.9", "Infinity")), ["target_value", "critical_threshold"]),
        (promise("percentile", SECONDS, definition={"quantile": 95}), ["definition"]),
        (promise("percentile", SECONDS, definition={"quantile": "high"}), ["definition"]),
        (promise("latencies"), ["indicator"]),
        (promise(slice_seconds=90, slice_target=Decimal("0.9")), ["slice_seconds"]),
        (promise(slice_seconds=420, slice_target=Decimal("0.9")), ["slice_seconds"]),
        (promise(slice_seconds=300), ["slice_target"]),
        (promise(slice_target=Decimal("0.9")), ["slice_seconds"]),
        (promise(slice_seconds=300, slice_target=Decimal(2)), ["slice_target"]),
        (promise("percentile", SECONDS, slice_seconds=300, slice_target=Decimal("0.9")), ["slice_seconds"]),
        (promise(window="weekly"), ["window"]),
        (promise(window_days=0), ["window_days"]),
        (promise(window_days=367), ["window_days"]),
        (promise(window_unit="decade"), ["window_unit"]),
        (promise(window="market"), ["market"]),
        (promise(window="market", market="XXXX"), ["market"]),
        (promise(market="XNYS"), ["market"]),
        (promise(zone="Mars/Base"), ["zone"]),
        (promise(excluded_times="at noon"), ["excluded_times"]),
    ],
)
def test_each_fault_stands_under_its_field_and_says_what_is_expected(wrong: Promise, fields: list[str]) -> None:
    found = faults_in(wrong, markets=MARKETS)
    assert sorted(found) == sorted(fields)
    assert all("expected" in text or "needed" in text for texts in found.values() for text in texts)


@pytest.mark.parametrize(
    ("indicator", "values", "direction", "objective"),
    [
        ("availability", ("0.999", "0.99", "0.9"), Direction.HIGHER, "0.999"),
        ("error_rate", ("0.01", "0.02", "0.05"), Direction.LOWER, "0.99"),
        ("percentile", SECONDS, Direction.LOWER, "0.95"),
        ("latency", ("0.99", "0.98", "0.9"), Direction.HIGHER, "0.99"),
    ],
)
def test_direction_and_objective_follow_from_what_is_promised(
    indicator: str, values: tuple[str, str, str], direction: Direction, objective: str
) -> None:
    made = promise(indicator, values)
    assert (made.direction, made.objective) == (direction, Decimal(objective))


def test_the_objective_of_a_percentile_is_its_quantile() -> None:
    assert promise("percentile", SECONDS, definition={"quantile": 0.99}).objective == Decimal("0.99")


RATIO = st.decimals(min_value=0, max_value=1, places=6)


@given(st.sampled_from(["availability", "error_rate"]), RATIO, RATIO, RATIO)
def test_a_promise_is_accepted_exactly_when_no_worse_threshold_is_better(
    indicator: str, target: Decimal, warning: Decimal, critical: Decimal
) -> None:
    made = replace(promise(indicator), target_value=target, warning_threshold=warning, critical_threshold=critical)
    worse_and_worse = [target, warning, critical]
    is_ordered = worse_and_worse == sorted(worse_and_worse, reverse=indicator == Indicator.AVAILABILITY)
    assert (faults_in(made, markets=()) == {}) == (is_ordered and 0 < made.objective <= 1)
