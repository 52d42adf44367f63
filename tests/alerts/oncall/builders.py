"""Plans and schedules for tests, with loud defaults."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from alerts.models import Override, Rotation, RotationMember, Schedule
from alerts.oncall.rotation import RotationPlan
from alerts.oncall.schedule import LayerPlan, OverridePlan, SchedulePlan
from tests.calendars.oracle import utc
from tradewatch.calendars.window_text import parse_windows

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)


def layer(
    name: str = "Weekdays",
    people: tuple[int, ...] = (1, 2, 3),
    *,
    starts: str = "2026-11-23T09:00",
    shift: timedelta = DAY,
    restrictions: list[dict[str, Any]] | None = None,
    zone: ZoneInfo = NEW_YORK,
    **fields: Any,
) -> LayerPlan:
    rotation = RotationPlan(zone, datetime.fromisoformat(starts), shift, people)
    windows = tuple(parse_windows(restrictions or [], zone=zone.key))
    return LayerPlan(id=len(name), name=name, rotation=rotation, restrictions=windows, **fields)


def plan(*layers: LayerPlan, overrides: tuple[OverridePlan, ...] = (), zone: ZoneInfo = NEW_YORK) -> SchedulePlan:
    return SchedulePlan(id=1, name="Order path", zone=zone, layers=layers, overrides=overrides)


def override(start: str, end: str, who: int | None, *, instead_of: int | None = None, number: int = 1) -> OverridePlan:
    return OverridePlan(number, utc(start), utc(end), who, instead_of)


def make_person(username: str = "jonas", **fields: Any) -> User:
    defaults = {"email": f"{username}@example.com", "is_staff": True, "first_name": username.title()}
    return User.objects.create(username=username, **(defaults | fields))


def make_schedule(*people: User, name: str = "Order path", zone: str = "America/New_York", **fields: Any) -> Schedule:
    """A schedule with one daily rotation from 23 November 2026, 09:00, of these people."""
    schedule = Schedule.objects.create(name=name, zone=zone, **{k: v for k, v in fields.items() if k != "restrictions"})
    rotation = Rotation.objects.create(
        schedule=schedule,
        name="Daily",
        kind="daily",
        starts_on=datetime(2026, 11, 23),
        handoff_time=time(9),
        restrictions=fields.get("restrictions", []),
    )
    for position, person in enumerate(people):
        RotationMember.objects.create(rotation=rotation, user=person, position=position)
    return schedule


def make_override(schedule: Schedule, start: str, end: str, user: User | None, **fields: Any) -> Override:
    return Override.objects.create(schedule=schedule, start_at=utc(start), end_at=utc(end), user=user, **fields)
