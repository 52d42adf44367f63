from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.choices import CalendarUnit, Direction, Indicator
from sla.minutes.values import UNIT
from sla.reports.asking import read_asked, read_format
from sla.reports.chart import chart_of
from sla.reports.civil import ended_before, period_of
from sla.reports.lede import lede_of
from sla.reports.numbers import count_words, exact, length_words, percent_words, time_words, weighted
from sla.reports.promises import promise_of
from tests.sla.reports.builders import make_document, make_entry, make_version
from tradewatch.core.faults import Invalid


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({"period": "2026-13"}, {"period"}),
        ({"period": "october"}, {"period"}),
        ({"period": "2026-02-30"}, {"period"}),
        ({"period": "2026-10", "period_days": "30"}, {"period"}),
        ({"period_days": "0"}, {"period_days"}),
        ({"period_days": "401"}, {"period_days"}),
        ({"period_days": "٣"}, {"period_days"}),
        ({"period_days": ""}, {"period_days"}),
        ({"period_days": "9" * 5000}, {"period_days"}),
    ],
)
def test_a_bad_period_is_refused_by_its_name(asked: dict[str, str], fields: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        read_asked(asked)
    assert refused.value.errors.keys() == fields


def test_without_a_period_it_is_thirty_days_as_json() -> None:
    assert (read_asked({}).days, read_asked({"period_days": "90"}).days, read_format({})) == (30, 90, "json")
    with pytest.raises(Invalid, match="bad format"):
        read_format({"format": "xlsx"})


@pytest.mark.parametrize(
    ("name", "unit", "days", "label"),
    [
        ("2026-11", CalendarUnit.MONTH, 30, "November 2026"),
        ("2028-02", CalendarUnit.MONTH, 29, "February 2028"),
        ("2026-Q4", CalendarUnit.QUARTER, 92, "Q4 2026"),
        ("2026", CalendarUnit.YEAR, 365, "2026"),
        ("2026-W53", CalendarUnit.WEEK, 7, "week 53, 28 December to 3 January 2027"),
        ("2026-11-23", CalendarUnit.DAY, 1, "Monday 23 November 2026"),
    ],
)
def test_a_period_has_its_days_and_its_label(name: str, unit: CalendarUnit, days: int, label: str) -> None:
    found = period_of(name)
    assert (found.unit, (found.until - found.first).days, found.label, found.name) == (unit, days, label, name)


@given(st.dates(date(2001, 1, 1), date(2900, 1, 1)), st.sampled_from(CalendarUnit))
def test_the_last_ended_period_touches_the_running_one(day: date, unit: CalendarUnit) -> None:
    ended = ended_before(unit, day)
    assert ended.until <= day and period_of(ended.name) == ended
    assert ended_before(unit, ended.until) == ended
    assert day - ended.until < timedelta(days=367)


@given(st.integers(0, 10**18))
def test_weighted_counts_are_exact(millionths: int) -> None:
    assert Decimal(weighted(millionths)) * UNIT == millionths


@given(st.decimals(0, 1, places=9), st.decimals(0, 1, places=9))
def test_a_figure_never_reads_like_another_that_it_is_not(value: Decimal, target: Decimal) -> None:
    said = percent_words(exact(value), exact(target))
    shown = Decimal(said.rstrip("%")) / 100
    assert (shown == target) == (value == target) or abs(value - target) < Decimal("1e-9")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (percent_words("0.99938"), "99.938%"),
        (percent_words("0.0014"), "0.14%"),
        (percent_words("0.9989999", "0.999"), "99.89999%"),
        (percent_words(None), "no data"),
        (time_words("0.4312"), "431 ms"),
        (time_words("1.84"), "1.84 s"),
        (time_words("0.50004", "0.5"), "500.04 ms"),
        (count_words("7517204"), "7,517,204"),
        (count_words("-1.5"), "−1.5"),
        (exact(Decimal("1E+3")), "1000"),
        (exact(Decimal("100")), "100"),
        (length_words(timedelta(hours=743)), "743 h"),
        (length_words(timedelta(days=30)), "30 d"),
        (length_words(timedelta(minutes=85)), "1 h 25 min"),
        (length_words(timedelta()), "0 min"),
    ],
)
def test_numbers_read_short_with_their_unit(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "99.9% of requests of POST /orders succeed"),
        (
            {
                "indicator": Indicator.PERCENTILE,
                "target_value": Decimal("0.5"),
                "definition": {"quantile": 0.95, "threshold_seconds": 0.5},
            },
            "p95 ≤ 500 ms",
        ),
        (
            {
                "indicator": Indicator.LATENCY,
                "definition": {"threshold_seconds": 0.25, "tag": {"key": "a", "value": "b"}},
            },
            "99.9% of requests with a = b within 250 ms",
        ),
        ({"slice_seconds": 300, "slice_target": Decimal("0.95")}, "99.9% of slices of 300 s reach 95%"),
        (
            {
                "indicator": Indicator.CUSTOM_VALUE,
                "definition": {"metric": "quote.age", "operator": "<=", "threshold": 2},
            },
            "99.9% of quote.age ≤ 2",
        ),
        ({"indicator": Indicator.CRASH_FREE, "definition": {"users": True}}, "99.9% of users are free of crashes"),
    ],
)
def test_promises_read_as_sentences(fields: dict[str, object], expected: str) -> None:
    assert promise_of(make_version(**fields)) == expected


@pytest.mark.parametrize("indicator", Indicator)
def test_every_indicator_has_a_promise(indicator: Indicator) -> None:
    assert "%" in promise_of(make_version(indicator=indicator, definition={})) or indicator == Indicator.PERCENTILE


def test_the_lede_names_what_was_missed_what_has_no_data_and_what_is_late() -> None:
    met, missed, unknown = make_document()["targets"]
    late = {"valid": "12", "bad": "3", "received": 12, "received_bad": 3}
    assert lede_of([{**met, "late": late}, missed, unknown], is_over=True) == [
        "1 of 3 targets was met, 1 was missed, 1 has no data.",
        "error_rate was missed by 0.7 points.",
        "No data: settlement_uptime.",
        "Since closing, 12 more events arrived, 3 of them bad.",
    ]


def test_the_lede_says_what_incidents_took_of_the_budget_most_used() -> None:
    met = make_document()["targets"][0]
    told = {"incidents": [{}, {}, {}], "incident_share": "0.7071"}
    assert lede_of([{**met, **told}], is_over=True)[-1] == (
        "Three incidents made 70.7% of the failures of order_availability."
    )


def test_the_chart_goes_below_zero_with_the_budget() -> None:
    low = chart_of(make_entry(make_version(direction=Direction.HIGHER), {2: 20_000}), ())
    assert low is not None and low.zero < low.line[-1][1] <= 200
    assert low.rows[0].text == "−200%"
    assert chart_of(make_entry(make_version(), {}, valid=0), ()) is None


def test_flags_that_would_lie_over_each_other_leave_the_last() -> None:
    moments = ("2026-11-11T15:40:00Z", "2026-11-11T16:40:00Z", "2026-11-23T14:00:00Z")
    markers = [{"at": at, "label": f"2.0.{number}"} for number, at in enumerate(moments)]
    chart = chart_of(make_entry(make_version(), {2: 20}), markers)
    assert chart is not None and [flag.text for flag in chart.flags] == ["2.0.1", "2.0.2"]
