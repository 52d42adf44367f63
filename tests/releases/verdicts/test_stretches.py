"""Which stretch stands for before: as long, in the same phase of the market."""

from datetime import timedelta

import pytest

from releases.verdicts.evidence import Basis, Stretch
from releases.verdicts.stretches import Pair, after_of, is_look_of_its_own, pair_of
from tests.calendars.oracle import utc
from tradewatch.calendars.sessions import Market, Session
from tradewatch.calendars.spans import Span
from tradewatch.calendars.wall_clock import zone_named

MINUTE = timedelta(minutes=1)


def session(day: str, opens: str = "14:30", closes: str = "21:00", pause: tuple[str, str] | None = None) -> Session:
    at = [utc(f"2026-11-{day}T{clock}") for clock in (opens, closes, *(pause or ()))]
    return Session(at[0].date(), at[0], at[1], Span(at[2], at[3]) if pause else None)


def market(*sessions: Session) -> Market:
    known = sessions or tuple(session(day) for day in ("18", "19", "20", "23", "24", "25"))
    return Market(
        code="XNYS",
        zone=zone_named("America/New_York"),
        sessions=known,
        known_from=utc("2026-11-01T00:00").date(),
        known_until=utc("2026-12-31T00:00").date(),
    )


def pair(finished: str, minutes: int, *, took: int = 2, known: Market | None = None, anchor: str = "") -> Pair:
    end = utc(f"2026-11-{finished}")
    after = after_of(end, minutes, followed_at=None)
    assert after is not None
    start = end - took * MINUTE
    anchored = utc(f"2026-11-{anchor}") if anchor else start
    return pair_of(after, start, anchor=anchored, market=market() if known is None else known)


def span(stretch: Stretch) -> tuple[str, str]:
    return f"{stretch.start:%d %H:%M}", f"{stretch.end:%d %H:%M}"


def test_stretches_are_whole_minutes_and_the_deployments_own_time_is_in_neither():
    end = utc("2026-11-23T14:54:40")
    after = after_of(end, 5, followed_at=None)
    assert after == Stretch(utc("2026-11-23T14:55"), utc("2026-11-23T15:00"))
    found = pair_of(after, utc("2026-11-23T14:52:10"), anchor=utc("2026-11-23T14:52:10"), market=None)
    assert (span(found.before), found.basis, found.why) == (
        ("23 14:47", "23 14:52"), Basis.DIRECT, "the stretch directly before"
    )  # fmt: skip
    assert after_of(utc("2026-11-23T14:55"), 5, followed_at=None) == after


@pytest.mark.parametrize(
    "followed, left",
    [("15:20", 15), ("15:02:30", 7), ("14:56", 1), ("14:55:59", None), ("14:54:50", None)],
)
def test_the_next_deployment_cuts_it(followed, left):
    after = after_of(utc("2026-11-23T14:54:40"), 15, followed_at=utc(f"2026-11-23T{followed}"))
    assert (after.minutes if after else None) == left


@pytest.mark.parametrize("minutes, left, is_own", [(5, 1, True), (15, 5, False), (15, 6, True), (60, 15, False)])
def test_of_cut_looks_only_the_first_sees_more(minutes, left, is_own):
    start = utc("2026-11-23T15:00")
    assert is_look_of_its_own(minutes, Stretch(start, start + left * MINUTE)) is is_own


@pytest.mark.parametrize(
    "finished, minutes, before, basis",
    [
        ("24T16:00", 60, ("24 14:58", "24 15:58"), Basis.DIRECT),  # all of it in the session
        ("24T14:55", 60, ("23 14:55", "23 15:55"), Basis.SESSION),  # the open lies between
        ("24T14:55", 15, ("24 14:38", "24 14:53"), Basis.DIRECT),  # not with a shorter one
        ("23T14:55", 60, ("20 14:55", "20 15:55"), Basis.SESSION),  # over a weekend
        ("24T21:10", 15, ("23 21:10", "23 21:25"), Basis.SESSION),  # after the close, with the session before it
        ("24T20:55", 15, ("23 20:55", "23 21:10"), Basis.SESSION),  # over the close
        ("24T22:30", 15, ("24 22:13", "24 22:28"), Basis.DIRECT),  # long closed
        ("21T12:00", 60, ("21 10:58", "21 11:58"), Basis.DIRECT),  # on a Saturday
        ("24T14:10", 15, ("24 13:53", "24 14:08"), Basis.DIRECT),  # before the open
        ("24T14:20", 15, ("23 14:20", "23 14:35"), Basis.SESSION),  # over the open
    ],
)
def test_an_open_or_close_between_takes_the_session_before(finished, minutes, before, basis):
    found = pair(finished, minutes)
    assert (span(found.before), found.basis) == (before, basis)
    assert found.before.minutes == found.after.minutes == minutes


def test_a_half_day_is_passed_over_where_its_close_comes_too_early():
    known = market(session("24"), session("25"), session("27", closes="18:00"), session("30"))
    found = pair("30T20:55", 15, known=known)
    assert span(found.before) == ("25 20:55", "25 21:10")
    assert found.why == "the same phase of the XNYS session of 25 Nov"
    assert found.phase == "XNYS: in the session, then closed"


def test_before_an_early_close_the_distance_to_the_close_is_kept():
    known = market(session("24"), session("25"), session("27", closes="18:00"))
    found = pair("27T17:55", 15, known=known)
    assert span(found.before) == ("25 20:55", "25 21:10")


def test_a_break_is_a_phase():
    days = [session(day, "01:30", "08:00", ("04:00", "05:00")) for day in ("24", "25")]
    found = pair("25T04:05", 15, known=market(*days))
    assert (span(found.before), found.phase) == (("24 04:05", "24 04:20"), "XNYS: in the break")


def test_where_no_earlier_session_fits_it_is_the_one_directly_before_and_says_so():
    found = pair("24T14:55", 60, known=market(session("24")))
    assert found.basis == Basis.DIRECT
    assert found.why == "the stretch directly before; no earlier session of XNYS has that phase for so long"


def test_where_the_calendar_ends_it_says_so():
    known = Market(code="XNYS", zone=zone_named("America/New_York"))
    assert pair("24T14:55", 60, known=known).why == (
        "the stretch directly before; the calendar XNYS has no data for it"
    )


def test_a_market_that_never_closes_has_one_phase():
    always = Market(code="24/7", zone=zone_named("UTC"), is_always_open=True)
    found = pair("24T14:55", 60, known=always)
    assert (found.basis, found.phase) == (Basis.DIRECT, "24/7: in the session")


def test_after_an_unhealthy_one_it_ends_where_that_began():
    found = pair("24T16:20", 15, anchor="24T16:00:30")
    assert (span(found.before), found.basis) == (("24 15:45", "24 16:00"), Basis.UNHEALTHY)
    assert found.why == "the stretch before an earlier deployment that was called unhealthy"


def test_a_session_taken_instead_never_holds_the_unhealthy_time():
    found = pair("24T14:55", 60, anchor="23T15:10")
    assert span(found.before) == ("20 14:55", "20 15:55")
