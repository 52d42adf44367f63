from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.choices import Cadence
from sla.reports.civil import GRACE, period_of
from sla.reports.schedules.due import UNITS, Clock, newest_due, next_due, period_at
from tradewatch.calendars.sessions import Market, Session
from tradewatch.calendars.wall_clock import moment_of

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def sessions(*days: tuple[str, str]) -> Market:
    made = [
        Session(date.fromisoformat(day), at(f"{day}T14:30"), at(f"{day}T{close}"), is_early_close=close != "21:00")
        for day, close in days
    ]
    return Market("XNYS", NEW_YORK, tuple(made))


def clock(cadence: Cadence, hour: int = 6, zone: ZoneInfo = NEW_YORK, market: Market | None = None) -> Clock:
    return Clock(cadence, time(hour), zone, market)


@pytest.mark.parametrize(
    ("made", "after", "due", "period"),
    [
        (clock(Cadence.DAILY), "2026-11-26T10:59", "2026-11-26T11:00", "2026-11-25"),
        (clock(Cadence.DAILY), "2026-11-26T11:00", "2026-11-27T11:00", "2026-11-26"),
        (clock(Cadence.WEEKLY), "2026-11-26T12:00", "2026-11-30T11:00", "2026-W48"),
        (clock(Cadence.MONTHLY), "2026-11-26T12:00", "2026-12-01T11:00", "2026-11"),
        (clock(Cadence.MONTHLY), "2026-12-31T12:00", "2027-01-01T11:00", "2026-12"),
        # never before the period's grace is over
        (clock(Cadence.DAILY, 0, ZoneInfo("UTC")), "2026-11-26T00:00", "2026-11-26T00:10", "2026-11-25"),
        # 02:30 of the day on which clocks skip it
        (Clock(Cadence.DAILY, time(2, 30), NEW_YORK), "2026-03-08T05:00", "2026-03-08T07:00", "2026-03-07"),
        # 01:30 of the day that has it twice: the first
        (Clock(Cadence.DAILY, time(1, 30), NEW_YORK), "2026-11-01T04:00", "2026-11-01T05:30", "2026-10-31"),
    ],
)
def test_it_is_due_on_the_wall_clock_of_its_zone(made: Clock, after: str, due: str, period: str) -> None:
    found = next_due(made, at(after))
    assert found == at(due)
    assert period_at(made, found) == period


def test_after_each_close_half_days_too_and_none_on_a_holiday() -> None:
    made = clock(
        Cadence.MARKET_CLOSE,
        market=sessions(("2026-11-25", "21:00"), ("2026-11-27", "18:00"), ("2026-11-30", "21:00")),
    )
    moments, after = [], at("2026-11-25T20:00")
    while (due := next_due(made, after)) is not None:
        moments.append((due, period_at(made, due)))
        after = due
    assert moments == [
        (at("2026-11-25T21:10"), "2026-11-25"),
        (at("2026-11-27T18:10"), "2026-11-27"),
        (at("2026-11-30T21:10"), "2026-11-30"),
    ]


def test_of_missed_ones_the_newest_is_due_and_the_others_are_counted() -> None:
    found = newest_due(clock(Cadence.DAILY), at("2026-11-20T11:00"), at("2026-11-26T12:00"))
    assert (found.at, found.period, found.skipped) == (at("2026-11-26T11:00"), "2026-11-25", 6)
    assert found.next_at == at("2026-11-27T11:00")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from([Cadence.DAILY, Cadence.WEEKLY, Cadence.MONTHLY]),
    st.times(),
    st.sampled_from([NEW_YORK, ZoneInfo("Asia/Tokyo"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]),
)
def test_each_period_comes_once_in_order_and_is_over(
    start: datetime, cadence: Cadence, wall: time, zone: ZoneInfo
) -> None:
    made, after = Clock(cadence, wall.replace(microsecond=0), zone), start.replace(tzinfo=UTC)
    named = None
    for _ in range(5):
        due = next_due(made, after)
        assert due is not None and due > after
        following = period_of(period_at(made, due))
        assert following.unit == UNITS[cadence]
        assert moment_of(datetime.combine(following.until, time()), zone) + GRACE <= due
        assert named is None or following.first == named.until
        named, after = following, due
    assert due - start.replace(tzinfo=UTC) < timedelta(days=160)
