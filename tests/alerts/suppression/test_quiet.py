from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.suppression.quiet import QuietPlan, digest_at, quiet_state
from tests.calendars.oracle import utc
from tradewatch.calendars.sessions import Market, Session
from tradewatch.calendars.spans import Span
from tradewatch.calendars.window_text import parse_windows

NIGHT = tuple(parse_windows([{"times": ["22:00-06:00"], "zone": "UTC"}]))
NEW_YORK = Market(
    code="XNYS",
    zone=ZoneInfo("America/New_York"),
    sessions=tuple(
        Session(date(2026, 11, day), utc(f"2026-11-{day}T14:30"), utc(f"2026-11-{day}T{close}"))
        for day, close in ((23, "21:00"), (24, "21:00"), (25, "21:00"), (27, "18:00"), (30, "21:00"))
    ),
    holidays=((date(2026, 11, 26), "Thanksgiving"),),
    known_from=date(2026, 11, 20),
    known_until=date(2026, 12, 31),
)
BY_MARKET = QuietPlan(calendar="XNYS", market=NEW_YORK)


@pytest.mark.parametrize(
    ("plan", "at", "until", "why"),
    [
        (QuietPlan(NIGHT), "2026-11-23T21:59", None, ""),
        (QuietPlan(NIGHT), "2026-11-23T22:00", "2026-11-24T06:00", "by the clock"),
        (BY_MARKET, "2026-11-23T15:00", None, ""),
        (BY_MARKET, "2026-11-23T21:00", "2026-11-24T14:30", "XNYS is closed"),
        (BY_MARKET, "2026-11-24T14:00", "2026-11-24T14:30", "XNYS is closed"),  # pre-open is not open
        (BY_MARKET, "2026-11-26T15:00", "2026-11-27T14:30", "XNYS is on holiday (Thanksgiving)"),
        (BY_MARKET, "2026-11-27T18:00", "2026-11-30T14:30", "XNYS is closed"),  # half day, then the weekend
        # Night and closed market follow each other: one stretch.
        (QuietPlan(NIGHT, "XNYS", NEW_YORK), "2026-11-23T23:00", "2026-11-24T14:30", "XNYS is closed"),
    ],
)
def test_quiet_by_the_clock_and_by_the_market(plan: QuietPlan, at: str, until: str | None, why: str) -> None:
    state = quiet_state(plan, utc(at))
    assert (state.is_held, state.until, state.why) == (until is not None, utc(until) if until else None, why)
    assert state.said == ""


def test_stretches_that_follow_each_other_are_one() -> None:
    windows = tuple(parse_windows([{"times": ["14:30-16:00"], "zone": "UTC"}]))
    state = quiet_state(QuietPlan(windows, "XNYS", NEW_YORK), utc("2026-11-24T12:00"))
    assert state.until == utc("2026-11-24T16:00") and state.why == "XNYS is closed"


def test_a_break_holds_only_where_it_is_asked_for() -> None:
    pause = Span(utc("2026-11-24T02:30"), utc("2026-11-24T03:30"))
    session = Session(date(2026, 11, 24), utc("2026-11-24T00:00"), utc("2026-11-24T06:00"), pause)
    tokyo = Market("XTKS", ZoneInfo("Asia/Tokyo"), (session,), (), date(2026, 11, 1), date(2026, 12, 1))
    at = utc("2026-11-24T03:00")
    assert not quiet_state(QuietPlan(calendar="XTKS", market=tokyo), at).is_held
    held = quiet_state(QuietPlan(calendar="XTKS", market=tokyo, in_breaks=True), at)
    assert (held.until, held.why) == (pause.end, "XTKS is in its break")


@pytest.mark.parametrize(
    ("plan", "at", "said"),
    [
        (QuietPlan(calendar="XXXX"), "2026-11-23T21:00", "There is no calendar XXXX: delivered as if it were open."),
        (BY_MARKET, "2027-01-02T03:00", "The calendar XNYS has no data for 02 Jan 2027: delivered as if it were open."),
        (BY_MARKET, "2026-12-02T03:00", ""),  # closed, and no open in sight: held without end is worse than told
    ],
)
def test_an_unknown_market_holds_nothing_and_says_so(plan: QuietPlan, at: str, said: str) -> None:
    state = quiet_state(plan, utc(at))
    assert (state.is_held, state.until, state.said) == (False, None, said)


def test_windows_hold_even_where_the_market_is_unknown() -> None:
    state = quiet_state(QuietPlan(NIGHT, "XXXX"), utc("2026-11-23T23:00"))
    assert state.is_held and state.said.startswith("There is no calendar")


def test_always_quiet_has_no_end_and_no_digest() -> None:
    always = tuple(parse_windows([{"zone": "UTC"}]))
    state = quiet_state(QuietPlan(always), utc("2026-11-23T23:00"))
    assert state.is_held and state.until is None and digest_at(state, timedelta(minutes=30)) is None


def test_the_digest_comes_before_the_open() -> None:
    state = quiet_state(BY_MARKET, utc("2026-11-27T18:00"))
    assert digest_at(state, timedelta(minutes=30)) == utc("2026-11-30T14:00")
    assert digest_at(state, timedelta(0)) is None
    assert digest_at(quiet_state(BY_MARKET, utc("2026-11-23T15:00")), timedelta(minutes=30)) is None
