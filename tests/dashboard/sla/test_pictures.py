"""Bars, curves, cells and stretches: pure tables over what the pages draw."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.figures.judging import judge
from sla.figures.values import Period
from sla.minutes.dense import DenseMinutes
from sla.minutes.values import UNIT, Sums
from tests.calendars.oracle import utc
from tests.sla.figures.builders import at, counts, every_minute, make_correction, make_period, make_version
from tradewatch.calendars.spans import Span
from tradewatch.dashboard.sla.bars import budget_bar, gone_ratio
from tradewatch.dashboard.sla.burn_down import burn_down, clock_of, moment_gone, side_of
from tradewatch.dashboard.sla.cells import cells_finding, cells_of, level_of, pieces_of
from tradewatch.dashboard.sla.curves import curve_of
from tradewatch.dashboard.sla.reading import Seen
from tradewatch.dashboard.sla.stretches import ordered, stretches_of

DAY = make_period("2026-11-26T00:00", "2026-11-27T00:00")
NOON = utc("2026-11-26T12:00")


def judged_day(bad: dict[str, int], *, valid: int = 100, now: datetime = NOON, corrections=(), period: Period = DAY):
    minutes = every_minute("2026-11-26T00:00", "2026-11-26T12:00", counts(valid)) if valid else {}
    minutes |= {at(f"2026-11-26T{clock}"): counts(valid, number) for clock, number in bad.items()}
    dense = DenseMinutes.from_counts(minutes)
    return judge(make_version(), dense, period, corrections, now), dense


@pytest.mark.parametrize(
    ("bad", "is_paging", "used", "style"),
    [
        ({}, False, 0.0, "ok"),
        ({"01:00": 36}, False, 5.0, "ok"),
        ({f"0{hour}:00": 72 for hour in range(6)}, False, 60.0, "warn"),  # past the tick at half of the day
        ({f"0{hour}:00": 100 for hour in range(8)}, False, 100.0, "crit"),
        ({"01:00": 36}, True, 5.0, "crit"),
    ],
)
def test_a_bar_is_amber_past_the_tick_and_crimson_when_it_pages(bad, is_paging, used, style) -> None:
    bar = budget_bar(judged_day(bad)[0], is_paging=is_paging)
    assert (bar.used, bar.gone, bar.style) == (used, 50.0, style)


def test_a_bar_without_data_is_hatched_and_says_so() -> None:
    bar = budget_bar(judged_day({}, valid=0)[0], is_paging=False)
    assert (bar.style, bar.finding) == ("", "no data")


def test_the_tick_goes_by_the_time_that_counts() -> None:
    sessions = tuple(
        Span(utc(f"2026-11-26T{a}"), utc(f"2026-11-26T{b}")) for a, b in (("08:00", "10:00"), ("14:00", "16:00"))
    )
    period = make_period("2026-11-26T00:00", "2026-11-27T00:00", spans=sessions)
    for clock, gone in (("07:00", 0), ("09:00", Decimal("0.25")), ("12:00", Decimal("0.5")), ("23:00", 1)):
        assert gone_ratio(judged_day({}, now=utc(f"2026-11-26T{clock}"), period=period)[0]) == gone


def test_a_curve_falls_from_full_to_what_is_left() -> None:
    points = [(DAY.start, Decimal(1)), (NOON, Decimal("0.5")), (DAY.end, Decimal(-3))]
    curve = curve_of(points, DAY)
    assert curve.path == "M0.0 1.0L60.0 11.4L120.0 27.0"  # what is far over lies on the lower edge
    assert curve.zero == 21.8 and curve_of([], DAY).path == ""


def seen_day(bad: dict[str, int], **kwargs) -> Seen:
    judged, minutes = judged_day(bad, **kwargs)
    target = type("T", (), {"project_id": 1, "pk": 3})()
    return Seen(target, make_version(), judged, [], minutes)


@pytest.mark.django_db
def test_the_chart_ends_at_what_is_left_now_and_says_nothing_of_later() -> None:
    chart = burn_down(seen_day({"03:00": 72, "09:30": 180}), "adjusted", [])
    known = [value for value in chart.values if value is not None]
    assert known[0] == 100.0 and known[-1] == 65.0  # 252 of 720
    assert sorted(known, reverse=True) == known
    assert len(known) == clock_of(judged_day({})[0]).past + 1 and chart.values[-1] is None
    assert chart.start + (len(known) - 1) * chart.step == at("2026-11-26T12:00")
    pace = chart.more[0]
    assert (pace.values[0], pace.values[-1]) == (100.0, 0.0) and len(pace.values) == len(chart.values)
    assert chart.finding == "Budget 65% left since 26 Nov 00:00 UTC" and chart.limit.value == 0


@pytest.mark.django_db
def test_the_raw_chart_takes_back_what_was_excluded() -> None:
    correction = make_correction("2026-11-26T09:00", "2026-11-26T10:00")
    seen = seen_day({"03:00": 72, "09:30": 180}, corrections=[correction])
    assert side_of(seen.judged, "raw").exclusions == ()
    last = [[v for v in burn_down(seen, side, []).values if v is not None][-1] for side in ("adjusted", "raw")]
    assert last == [round(100 * (1 - 72 / 660), 2), 65.0]


@pytest.mark.django_db
def test_a_chart_without_data_says_why() -> None:
    chart = burn_down(seen_day({}, valid=0), "adjusted", [])
    assert set(chart.values) == {None} and chart.finding == "Budget: no data"
    assert chart.empty == "nothing was counted since 26 Nov 00:00 UTC"


@pytest.mark.parametrize(
    ("hours", "gone"),
    [(1, "2026-11-26T09:00"), (2, "2026-11-26T10:00"), (3, "2026-11-26T15:00"), (5, None)],
)
def test_session_time_is_what_passes(hours, gone) -> None:
    spans = [
        Span(utc("2026-11-26T08:00"), utc("2026-11-26T10:00")),
        Span(utc("2026-11-26T14:00"), utc("2026-11-26T16:00")),
    ]
    found = moment_gone(spans, utc("2026-11-26T07:00"), timedelta(hours=hours))
    assert found == (gone and utc(gone))


@pytest.mark.parametrize(
    ("valid", "bad", "level"),
    [(0, 0, "none"), (1000, 0, "ok"), (1000, 10, "ok"), (1000, 11, "warn"), (1000, 60, "warn"), (1000, 61, "crit")],
)
def test_a_cell_is_as_bad_as_its_burn(valid, bad, level) -> None:
    assert level_of(counts(valid, bad), Decimal("0.99")) == level


def test_days_are_those_of_the_zone_through_a_clock_change() -> None:
    zone = ZoneInfo("America/New_York")
    period = make_period("2026-11-01T04:00", "2026-11-03T05:00")
    pieces = pieces_of(period.spans, zone, is_market=False)
    assert [label for label, _ in pieces] == ["01 Nov", "02 Nov"]
    assert [sum((span.length for span in spans), timedelta()) for _, spans in pieces] == [
        timedelta(hours=25),
        timedelta(hours=24),
    ]


def test_cells_count_what_is_left_and_leave_the_future_hollow() -> None:
    pieces = pieces_of([Span(utc("2026-11-24T00:00"), utc("2026-11-28T00:00"))], ZoneInfo("UTC"), is_market=False)
    minutes = DenseMinutes.from_counts(
        {
            at("2026-11-25T10:00"): counts(100, 50),
            at("2026-11-26T10:00"): counts(100, 50),
            at("2026-11-26T11:00"): counts(100),
        }
    )
    left = [
        Span(utc("2026-11-24T00:00"), utc("2026-11-26T10:00")),
        Span(utc("2026-11-26T10:01"), utc("2026-11-28T00:00")),
    ]
    cells = cells_of(pieces, left, minutes, objective=Decimal("0.99"), now=NOON)
    assert [cell.level for cell in cells] == ["none", "crit", "ok", "next"]
    assert cells[1].words == "25 Nov: 50%, 50 bad of 100" and cells[2].words == "26 Nov: 100%, 0 bad of 100"
    assert cells_finding(cells) == "bad on 25 Nov, no data on 24 Nov, 1 to come"


def test_a_year_of_days_is_drawn_in_fewer_cells() -> None:
    year = [Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))]
    pieces = pieces_of(year, ZoneInfo("UTC"), is_market=False)
    assert len(pieces) == 92  # four days each
    assert sum((span.length for _, spans in pieces for span in spans), timedelta()) == timedelta(days=365)


MINUTES = st.dictionaries(st.integers(0, 400), st.integers(0, 3), max_size=80)


@given(MINUTES, st.integers(1, 40))
def test_stretches_hold_every_bad_minute_once(bad, longest) -> None:
    minutes = [(number * 60, Sums(5 * UNIT, bad[number] * UNIT, 5, bad[number], 1)) for number in sorted(bad)]
    found = stretches_of(minutes, longest=longest)
    assert [each.at for one in found for each in one.minutes] == [moment for moment, sums in minutes if sums.bad]
    assert sum(one.sums.bad for one in found) == sum(sums.bad for _, sums in minutes)
    assert all(len(one.minutes) <= longest for one in found)
    assert all(b.at - a.at <= 180 for one in found for a, b in pairwise(one.minutes))
    worst = ordered(found, worst_first=True)
    assert all(a.sums.bad >= b.sums.bad for a, b in pairwise(worst))
    assert ordered(found, worst_first=False) == found[::-1]
