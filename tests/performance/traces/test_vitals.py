from typing import Any

import pytest

from tradewatch.performance.traces.vitals import rating, read_vitals

# As @sentry/browser 10.78 sent them, the second document later.
PAGE = {
    "connection.rtt": {"value": 100, "unit": "millisecond"}, "lcp": {"value": 2600.5, "unit": "millisecond"},
    "fcp": {"value": 168, "unit": "millisecond"}, "ttfb": {"value": 95.4, "unit": "millisecond"},
    "cls": {"value": 0.0058, "unit": ""}, "ttfb.requestTime": {"value": 64.9, "unit": "millisecond"},
}  # fmt: skip
CLICK = {"inp": {"value": 620, "unit": "millisecond"}}


def test_the_five_vitals_of_a_page_in_one_order() -> None:
    found = read_vitals([{"measurements": PAGE}, {}, {"version": 2, "items": [{"measurements": CLICK}]}])
    assert [(each.name, each.value, each.rating) for each in found] == [
        ("lcp", 2600.5, "needs improvement"), ("cls", 0.0058, "good"), ("inp", 620, "poor"),
        ("ttfb", 95.4, "good"), ("fcp", 168, "good"),
    ]  # fmt: skip
    assert [each.name for each in found if not each.is_time] == ["cls"]


def test_the_worst_of_several_counts_and_units_are_read() -> None:
    seconds = {"lcp": {"value": 3, "unit": "second"}}
    assert read_vitals([{"measurements": seconds}, {"measurements": PAGE}])[0].value == 3000


@pytest.mark.parametrize(
    "measurements",
    [None, [], "fast", {}, {"lcp": 5}, {"lcp": {}}, {"lcp": {"value": "5"}}, {"lcp": {"value": True}},
     {"lcp": {"value": float("nan")}}, {"lcp": {"value": -1}}, {"speed": {"value": 1}}],
)  # fmt: skip
def test_what_is_no_measurement_is_left_out(measurements: Any) -> None:
    assert read_vitals([{"measurements": measurements}]) == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("lcp", 2500, "good"), ("lcp", 2501, "needs improvement"), ("lcp", 4000, "needs improvement"),
     ("lcp", 4001, "poor"), ("cls", 0.1, "good"), ("cls", 0.26, "poor"), ("inp", 200, "good")],
)  # fmt: skip
def test_ratings_are_those_of_the_standard(name: str, value: float, expected: str) -> None:
    assert rating(name, value) == expected
