from datetime import datetime, timedelta

import pytest

from tests.calendars.builders import make_market, thanksgiving_week
from tests.calendars.oracle import utc
from tradewatch.calendars.models import MarketDay
from tradewatch.calendars.queries import market, market_state, next_market_open
from tradewatch.calendars.sessions import Market, known_span, next_close, next_open, session_spans

pytestmark = pytest.mark.django_db


def new_york(start: str = "2026-11-23T00:00", end: str = "2026-11-30T00:00") -> Market:
    found = market("XNYS", utc(start), utc(end))
    assert found
    return found


@pytest.mark.parametrize(
    ("at", "phase", "until", "name"),
    [
        ("2026-11-23T13:29", "closed", "2026-11-23T13:30", ""),
        ("2026-11-23T13:30", "pre", "2026-11-23T14:30", ""),
        ("2026-11-23T14:30", "open", "2026-11-23T21:00", ""),
        ("2026-11-23T21:00", "closed", "2026-11-24T13:30", ""),
        ("2026-11-25T22:00", "closed", "2026-11-26T05:00", ""),  # until the holiday begins in New York
        ("2026-11-26T15:00", "holiday", "2026-11-27T05:00", "Thanksgiving"),
        ("2026-11-27T17:59", "open", "2026-11-27T18:00", ""),
        ("2026-11-27T18:00", "closed", "2026-11-30T13:30", ""),
    ],
)
def test_the_phase_at_a_moment(at: str, phase: str, until: str, name: str) -> None:
    thanksgiving_week()
    state, said = market_state("XNYS", utc(at))
    assert state and (state.phase, state.until, state.name, said) == (phase, utc(until), name, "")


def test_a_break_is_a_phase_and_no_trading() -> None:
    thanksgiving_week()
    MarketDay.objects.filter(day="2026-11-24").update(
        break_starts_at=utc("2026-11-24T17:00"), break_ends_at=utc("2026-11-24T18:00")
    )
    phases = [market_state("XNYS", utc(f"2026-11-24T{at}"))[0] for at in ("16:59", "17:00", "17:59", "18:00")]
    assert [(state.phase, state.until) for state in phases if state] == [
        ("open", utc("2026-11-24T17:00")),
        ("break", utc("2026-11-24T18:00")),
        ("break", utc("2026-11-24T18:00")),
        ("open", utc("2026-11-24T21:00")),
    ]
    spans = session_spans(new_york(), utc("2026-11-24T16:00"), utc("2026-11-25T15:30"))
    assert [span.length for span in spans] == [timedelta(hours=1), timedelta(hours=3), timedelta(hours=1)]


def test_the_next_open_and_close() -> None:
    thanksgiving_week()
    found = new_york()
    assert next_open(found, utc("2026-11-25T14:30")) == utc("2026-11-27T14:30")
    assert next_close(found, utc("2026-11-25T14:30")) == utc("2026-11-25T21:00")
    assert next_close(found, utc("2026-11-25T21:00")) == utc("2026-11-27T18:00")
    assert next_open(found, utc("2026-12-05T00:00")) is None
    assert next_market_open("XNYS", utc("2026-11-25T22:00")) == utc("2026-11-27T14:30")


def test_an_unknown_market_is_unknown_and_said_not_closed() -> None:
    thanksgiving_week()
    assert market_state("XXXX", utc("2026-11-23T15:00")) == (
        None,
        "There is no calendar XXXX: delivered as if it were open.",
    )
    for outside in ("2027-01-01T12:00", "2026-11-22T12:00"):
        state, said = market_state("XNYS", utc(outside))
        assert state is None and "has no data for" in said
    assert next_market_open("XXXX", utc("2026-11-23T15:00")) is None
    make_market("XLON")
    assert market_state("XLON", utc("2026-11-23T15:00"))[0] is None  # known by name, never loaded


def test_always_open() -> None:
    state, _ = market_state("24/7", utc("2050-01-01T03:00"))
    assert state and state.is_open and state.until is None
    found = market("24/7", utc("2026-01-01T00:00"), utc("2026-01-02T00:00"))
    assert found and [
        s.length.days for s in session_spans(found, utc("2026-01-01T00:00"), utc("2026-01-02T00:00"))
    ] == [1]


def test_the_known_part_of_a_stretch() -> None:
    thanksgiving_week()
    span = known_span(new_york(), utc("2026-11-01T00:00"), utc("2026-11-24T00:00"))
    assert span and span.start == utc("2026-11-23T05:00")  # midnight in New York of the first known day
    assert known_span(new_york(), utc("2020-11-01T00:00"), utc("2020-11-24T00:00")) is None


def test_sessions_are_found_however_long_the_stretch() -> None:
    thanksgiving_week()
    spans = session_spans(new_york(), datetime.fromisoformat("2026-01-01T00:00+00:00"), utc("2027-01-01T00:00"))
    assert len(spans) == 5
