from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.oncall.schedule import (
    LayerPlan,
    OverridePlan,
    SchedulePlan,
    final_duties,
    gaps,
    handoffs,
    layer_duties,
    next_handoff,
    on_call_at,
    until,
)
from tests.alerts.oncall.builders import DAY, layer, override, plan
from tests.calendars.oracle import Clock, minutes, utc
from tests.calendars.test_wall_clock import CHANGES
from tests.calendars.test_windows import drawn_windows, slow_spans

CHICAGO = ZoneInfo("America/Chicago")
WEEKEND = [{"from": "friday 17:00", "to": "monday 09:00"}]
WEEKDAYS = layer("Weekdays", (1, 2, 3))
WEEKEND_LAYER = layer("Weekend", (7, 8), starts="2026-11-27T17:00", shift=7 * DAY, restrictions=WEEKEND)
BOTH = plan(WEEKDAYS, WEEKEND_LAYER)


def lines(schedule: SchedulePlan, start: str, end: str) -> list[str]:
    return [
        f"{duty.who} {duty.source} {duty.span.start:%d %H:%M}-{duty.span.end:%d %H:%M}"
        for duty in final_duties(schedule, utc(start), utc(end))
    ]


def test_the_later_layer_wins_where_it_has_somebody() -> None:
    assert lines(BOTH, "2026-11-26T14:00", "2026-12-01T14:00") == [
        "1 Weekdays 26 14:00-27 14:00",
        "2 Weekdays 27 14:00-27 22:00",
        "7 Weekend 27 22:00-30 14:00",
        "2 Weekdays 30 14:00-01 14:00",
    ]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ((override("2026-11-27T20:00", "2026-11-28T00:00", 5),), ["2", "5 override 27 20:00-28 00:00", "7", "2"]),
        # Only instead of the person named.
        (
            (override("2026-11-27T20:00", "2026-11-28T00:00", 5, instead_of=7),),
            ["2", "5 override 27 22:00-28 00:00", "7", "2"],
        ),
        # The later made wins.
        (
            (
                override("2026-11-27T20:00", "2026-11-28T00:00", 5),
                override("2026-11-27T23:00", "2026-11-28T02:00", 6, number=2),
            ),
            ["2", "5 override 27 20:00-27 23:00", "6 override 27 23:00-28 02:00", "7", "2"],
        ),
        # Away from the weekend: the weekdays' layer shows through.
        (
            (override("2026-11-28T00:00", "2026-11-28T12:00", None, instead_of=7),),
            ["2", "7", "2 Weekdays 28 00:00-28 12:00", "7", "2"],
        ),
        # Away everywhere: nobody.
        (
            (
                override("2026-11-28T00:00", "2026-11-28T12:00", None, instead_of=7),
                override("2026-11-28T00:00", "2026-11-28T12:00", None, instead_of=2, number=2),
            ),
            ["2", "7 Weekend 27 22:00-28 00:00", "7 Weekend 28 12:00-30 14:00", "2"],
        ),
    ],
)
def test_overrides(overrides: tuple[OverridePlan, ...], expected: list[str]) -> None:
    found = lines(plan(WEEKDAYS, WEEKEND_LAYER, overrides=overrides), "2026-11-27T16:00", "2026-12-01T14:00")
    assert [line[: len(wanted)] for line, wanted in zip(found, expected, strict=True)] == expected


def test_a_gap_is_said_and_a_handoff_to_nobody_is_one() -> None:
    office = plan(layer(restrictions=[{"times": ["09:00-17:00"]}]))
    start, end = utc("2026-11-23T14:00"), utc("2026-11-24T14:00")
    assert [f"{gap.start:%H:%M}-{gap.end:%H:%M}" for gap in gaps(final_duties(office, start, end), start, end)] == [
        "22:00-14:00"
    ]
    assert on_call_at(office, utc("2026-11-23T22:00")) is None
    handoff = next_handoff(office, start)
    assert handoff and (handoff.at, handoff.before, handoff.after) == (utc("2026-11-23T22:00"), 1, None)
    assert until(office, utc("2026-11-23T22:00")) == utc("2026-11-24T14:00")


def test_a_person_who_follows_themselves_is_no_handoff() -> None:
    alone = plan(layer(people=(1,)))
    assert handoffs(alone, utc("2026-11-23T14:00"), utc("2026-12-23T14:00")) == []
    assert next_handoff(alone, utc("2026-11-23T14:00")) is None and until(alone, utc("2026-11-23T14:00")) is None
    assert on_call_at(plan(), utc("2026-11-23T14:00")) is None


def test_a_layer_counts_between_its_begin_and_its_end() -> None:
    short = layer(from_at=utc("2026-11-23T18:00"), until_at=utc("2026-11-24T00:00"))
    assert lines(plan(short), "2026-11-23T00:00", "2026-11-30T00:00") == ["1 Weekdays 23 18:00-24 00:00"]
    assert layer_duties(short, utc("2026-11-24T00:00"), utc("2026-11-25T00:00")) == []


@pytest.mark.parametrize(
    ("at", "who", "handoff"),
    [
        ("2020-03-08T07:59", 2, "2020-03-08T08:00"),  # the handoff of 02:30 is at 03:00
        ("2020-03-08T08:00", 3, "2020-03-09T07:30"),
        ("2020-03-08T08:29", 3, "2020-03-09T07:30"),
    ],
)
def test_a_handoff_in_the_gap_is_at_its_end(at: str, who: int, handoff: str) -> None:
    chicago = plan(layer(starts="2020-03-06T02:30", zone=CHICAGO), zone=CHICAGO)
    duty, found = on_call_at(chicago, utc(at)), next_handoff(chicago, utc(at))
    assert duty and duty.who == who
    assert found and found.at == utc(handoff)


def test_the_next_handoff_is_found_months_ahead() -> None:
    yearly = plan(layer(people=(1, 2), shift=120 * DAY))
    found = next_handoff(yearly, utc("2026-11-23T15:00"))
    assert found and found.at == utc("2027-03-23T13:00")


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(st.data(), st.sampled_from(CHANGES))
def test_a_schedule_agrees_with_looking_at_every_minute(data: st.DataObject, change: tuple[str, str]) -> None:
    zone, near = ZoneInfo(change[0]), utc(change[1])
    clock = Clock(zone, near - timedelta(days=7), near + timedelta(days=7))
    start, end = near - timedelta(hours=26), near + timedelta(hours=26)
    layers = []
    for number in range(data.draw(st.integers(1, 3))):
        first = clock.minutes[4 * 1440][1].replace(minute=0) + timedelta(minutes=data.draw(st.integers(0, 96)) * 30)
        shift = timedelta(minutes=data.draw(st.sampled_from([60, 240, 720, 1440])))
        windows = data.draw(st.lists(drawn_windows(change[0]), max_size=1))
        people = tuple(data.draw(st.lists(st.integers(1, 4), min_size=0, max_size=3)))
        layers.append(
            LayerPlan(
                number,
                f"layer {number}",
                layer(people=people, starts=first.isoformat(), shift=shift, zone=zone).rotation,
                tuple(windows),
            )
        )
    overrides = tuple(
        OverridePlan(
            number,
            start + timedelta(minutes=data.draw(st.integers(0, 100)) * 30),
            start + timedelta(minutes=3030 + data.draw(st.integers(0, 20)) * 30),
            who := data.draw(st.sampled_from([None, 1, 5])),
            data.draw(st.sampled_from([1, 2] if who is None else [None, 1, 2])),
        )
        for number in range(data.draw(st.integers(0, 3)))
    )
    schedule = plan(*layers, overrides=overrides, zone=zone)
    slow = {moment: slowly(schedule, clock, moment) for moment in list(minutes(start, end))[::10]}

    duties = final_duties(schedule, start, end)
    for moment, who in slow.items():
        assert next((duty.who for duty in duties if duty.span.holds(moment)), None) == who, moment
    for moment in list(slow)[::40]:
        duty = on_call_at(schedule, moment)
        assert (duty.who if duty else None) == slow[moment]
        handoff = next_handoff(schedule, moment)
        turn = next((later for later, who in slow.items() if later > moment and who != slow[moment]), None)
        if turn:
            assert handoff and turn - timedelta(minutes=10) < handoff.at <= turn


def slowly(schedule: SchedulePlan, clock: Clock, moment: datetime) -> int | None:
    """Who is on call, by asking each layer and override from the top."""
    found = None
    for each in schedule.layers:
        who = slow_layer(each, clock, moment)
        away = any(o.who is None and o.instead_of == who and o.start <= moment < o.end for o in schedule.overrides)
        if who is not None and not away:
            found = who
    for one in sorted(schedule.overrides, key=lambda each: each.id):
        if one.who is not None and one.start <= moment < one.end and one.instead_of in (None, found):
            found = one.who
    return found


def slow_layer(each: LayerPlan, clock: Clock, moment: datetime) -> int | None:
    first_day = clock.minutes[0][1].date() + timedelta(days=1)
    open_now = not each.restrictions or any(
        span.holds(moment) for window in each.restrictions for span in slow_spans(window, clock, first_day, 12)
    )
    number, rotation = -1, each.rotation
    while clock.first_that_shows(rotation.starts + (number + 1) * rotation.shift) <= moment:
        number += 1
    return rotation.people[number % len(rotation.people)] if open_now and number >= 0 and rotation.people else None
