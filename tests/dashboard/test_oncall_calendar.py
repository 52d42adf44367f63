from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.models import Rotation
from alerts.oncall.reading import Person
from tests.alerts.oncall.builders import layer, override, plan
from tests.calendars.oracle import utc
from tradewatch.calendars.spans import Span
from tradewatch.dashboard.oncall_calendar import Calendar, draw, frame_of, short
from tradewatch.dashboard.oncall_words import clock_change_words, rotation_words

PEOPLE = {1: Person(1, "jonas", "Jonas Okafor"), 2: Person(2, "priya", "Priya Nair"), 3: Person(3, "mara", "Mara")}
NOW = utc("2026-11-23T15:12")


def calendar(schedule=None, now=NOW, **fields) -> Calendar:
    schedule = schedule or plan(layer())
    frame = frame_of(schedule, now)
    return draw(schedule, frame, **({"people": PEOPLE, "me": 1, "now": now, "next_at": None, "details": {}} | fields))


def test_two_weeks_from_monday_on_the_schedules_clock() -> None:
    drawn = calendar()
    assert (drawn.start, drawn.end) == (utc("2026-11-23T05:00"), utc("2026-12-07T05:00"))
    assert [day.label for day in drawn.days][:3] == ["Mon 23 Nov", "Tue 24", "Wed 25"]
    assert drawn.days[8].label == "Tue 1 Dec"
    assert [day.is_weekend for day in drawn.days].count(True) == 4 and drawn.days[0].is_today
    assert drawn.days[1].x == "7.143%" and drawn.now_x == "3.036%"  # as in the design


def test_the_result_is_on_top_and_mine_stand_out() -> None:
    drawn = calendar(
        plan(
            layer("Weekdays"), layer("Weekend", (2,)), overrides=(override("2026-11-24T15:00", "2026-11-24T20:00", 1),)
        )
    )
    assert [row.name for row in drawn.rows] == ["On call", "Overrides", "Weekend", "Weekdays"]
    assert drawn.rows[0].is_result and drawn.rows[0].y == "2.5625rem" and drawn.rows[3].line_y == "9rem"
    assert {bar.style for bar in drawn.rows[0].bars} == {"me", "ot", "gapx"}
    assert [(bar.label, bar.style) for bar in drawn.rows[1].bars] == [("", "ov")]


def test_a_gap_says_nobody_and_being_away_is_shown() -> None:
    away = override("2026-11-24T14:00", "2026-11-25T14:00", None, instead_of=2)
    drawn = calendar(plan(layer(), overrides=(away,)))
    nobody = [bar for bar in drawn.rows[0].bars if bar.style == "gapx"]
    assert [bar.label for bar in nobody] == ["N", "Nobody"]  # before the first handoff, and while Priya is away
    assert drawn.rows[1].bars[0].title == "Priya Nair is away"
    assert drawn.gaps[1] == Span(utc("2026-11-24T14:00"), utc("2026-11-25T14:00"))


def test_the_day_of_a_clock_change_is_as_long_as_it_is() -> None:
    drawn = calendar(now=utc("2027-03-10T12:00"), change_at=utc("2027-03-14T07:00"))
    sunday = drawn.days[6]
    assert (sunday.label, sunday.note) == ("Sun 14", "23 h")
    assert float(sunday.width[:-1]) < float(drawn.days[5].width[:-1])
    assert drawn.change_x and not drawn.next_x


def test_sessions_are_drawn_beneath() -> None:
    drawn = calendar(market="XNYS", sessions=[Span(utc("2026-11-23T14:30"), utc("2026-11-23T21:00"))])
    assert drawn.sessions[0].title == "open 09:30 to 16:00" and drawn.sessions[0].x == "2.827%"
    assert len(drawn.closed) == 9  # weekdays without a session; weekends need no word
    assert calendar(market="XNYS", sessions=[]).closed == ()  # no data is not closed


@pytest.mark.parametrize(("width", "text"), [(7.1, "Jonas"), (2.7, "JO"), (1.0, "")])
def test_a_name_is_as_long_as_it_fits(width: float, text: str) -> None:
    assert short("Jonas Okafor", width) == text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "daily"}, "daily, 09:00"),
        ({"kind": "weekly"}, "weekly, Mon 09:00"),
        ({"kind": "weekly", "every": 2}, "every 2 weeks, Mon 09:00"),
        ({"kind": "custom", "shift_minutes": 720}, "every 12 h, 09:00"),
    ],
)
def test_a_layer_in_words(fields: dict[str, object], words: str) -> None:
    day, clock = utc("2026-11-23T09:00").date(), utc("2026-11-23T09:00").time()
    assert rotation_words(Rotation(starts_on=day, handoff_time=clock, **fields)) == words


def test_a_clock_change_says_what_happens_to_handoffs() -> None:
    new_york, year = ZoneInfo("America/New_York"), timedelta(days=400)
    change, what, handoffs = clock_change_words(NOW, new_york, within=year)
    assert change == utc("2027-03-14T07:00")
    assert what == "02:00 to 03:00 does not exist: shifts over it are 1 h shorter."
    assert handoffs == "A handoff set within it takes place at 03:00."
    _, what, handoffs = clock_change_words(change, new_york, within=year)
    assert what == "01:00 to 02:00 comes twice: shifts over it are 1 h longer."
    assert handoffs == "Of a handoff set within it, the first counts."
    assert clock_change_words(NOW, ZoneInfo("Asia/Tokyo"), within=year) is None
