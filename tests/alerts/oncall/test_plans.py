from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from alerts.models import Override, Rotation, Schedule
from alerts.oncall.plans import schedule_plan
from alerts.oncall.schedule import final_duties, on_call_at
from tests.alerts.oncall.builders import make_override, make_person, make_schedule
from tests.calendars.oracle import utc

pytestmark = pytest.mark.django_db
START, END = utc("2026-11-23T14:00"), utc("2026-11-26T14:00")


def test_rows_become_a_plan() -> None:
    jonas, priya, mara = (make_person(name) for name in ("jonas", "priya", "mara"))
    schedule = make_schedule(jonas, priya, restrictions=[{"times": ["00:00-24:00"], "weekdays": ["monday:friday"]}])
    make_override(schedule, "2026-11-24T20:00", "2026-11-24T22:00", mara, reason="concert")
    plan = schedule_plan(schedule.pk, START, END)
    assert plan
    assert [duty.who for duty in final_duties(plan, START, END)] == [jonas.pk, priya.pk, mara.pk, priya.pk, jonas.pk]
    assert schedule_plan(9999, START, END) is None


def test_a_person_without_an_active_account_takes_no_turn() -> None:
    jonas, priya = make_person("jonas"), make_person("priya", is_active=False)
    plan = schedule_plan(make_schedule(priya, jonas).pk, START, END)
    duty = on_call_at(plan, START) if plan else None
    assert duty and duty.who == jonas.pk


@pytest.mark.parametrize(
    ("kind", "every", "minutes", "expected"),
    [
        ("hourly", 4, None, timedelta(hours=4)),
        ("weekly", 2, None, timedelta(days=14)),
        ("custom", 1, 720, timedelta(hours=12)),
    ],
)
def test_the_length_of_a_shift(kind: str, every: int, minutes: int | None, expected: timedelta) -> None:
    schedule = make_schedule(make_person())
    Rotation.objects.update(kind=kind, every=every, shift_minutes=minutes)
    plan = schedule_plan(schedule.pk, START, END)
    assert plan and plan.layers[0].rotation.shift == expected


@pytest.mark.parametrize(
    ("fields", "field", "text"),
    [
        ({"restrictions": [{"times": ["9-17"]}]}, "restrictions", "window 1: times: '9-17': expected a time"),
        ({"kind": "custom"}, "shift_minutes", "needed with a custom length"),
        ({"kind": "daily", "shift_minutes": 5}, "shift_minutes", "only with a custom length"),
        ({"every": 0}, "every", "at least 1"),
    ],
)
def test_a_rotation_that_cannot_be_is_refused_at_its_place(fields: dict[str, object], field: str, text: str) -> None:
    rotation = Rotation(starts_on=date(2026, 11, 23), handoff_time=time(9), **fields)
    with pytest.raises(ValidationError) as fault:
        rotation.clean()
    assert text in fault.value.message_dict[field][0]


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValidationError) as fault:
        Schedule(name="x", zone="Mars/Base").clean()
    assert "unknown time zone" in fault.value.message_dict["zone"][0]


def test_an_override_ends_after_it_starts_and_names_somebody() -> None:
    schedule, jonas = make_schedule(), make_person()
    for fields in ({"user": jonas, "end_at": START}, {"end_at": END}):
        with pytest.raises(ValidationError):
            Override(schedule=schedule, start_at=START, **fields).clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            Override.objects.create(schedule=schedule, start_at=START, **fields)
