"""From rows to plans: the one place where the pure computation meets the tables."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from alerts.choices import RotationKind
from alerts.models import Override, Rotation, Schedule
from alerts.oncall.rotation import RotationPlan
from alerts.oncall.schedule import LayerPlan, OverridePlan, SchedulePlan
from tradewatch.calendars.wall_clock import zone_named
from tradewatch.calendars.window_text import parse_windows

_LENGTHS = {
    RotationKind.HOURLY: timedelta(hours=1),
    RotationKind.DAILY: timedelta(days=1),
    RotationKind.WEEKLY: timedelta(days=7),
}


def schedule_plan(schedule_id: int, start: datetime, end: datetime) -> SchedulePlan | None:
    """Return the plan of a schedule with the overrides that touch `start` to `end`; None: there is no such schedule."""
    found = list(with_plans(Schedule.objects.filter(pk=schedule_id), start, end))
    return plan_of(found[0]) if found else None


def with_plans(schedules: QuerySet[Schedule], start: datetime, end: datetime) -> QuerySet[Schedule]:
    """Fetch with the schedules all that `plan_of` reads."""
    overrides = Override.objects.filter(start_at__lt=end, end_at__gt=start).order_by("id")
    return schedules.prefetch_related("rotations__members__user", Prefetch("overrides", queryset=overrides))


def plan_of(schedule: Schedule) -> SchedulePlan:
    zone = zone_named(schedule.zone)
    rotations = sorted(schedule.rotations.all(), key=lambda rotation: (rotation.position, rotation.pk or 0))
    return SchedulePlan(
        id=schedule.pk,
        name=schedule.name,
        zone=zone,
        layers=tuple(layer_of(rotation, zone) for rotation in rotations),
        overrides=tuple(_overrides(schedule.overrides.all())),
    )


def layer_of(rotation: Rotation, zone: ZoneInfo) -> LayerPlan:
    return LayerPlan(
        id=rotation.pk,
        name=rotation.name,
        rotation=RotationPlan(
            zone=zone,
            starts=rotation.starts,
            shift=shift_length(rotation),
            people=tuple(member.user_id for member in rotation.members.all() if member.user.is_active),
        ),
        restrictions=tuple(parse_windows(rotation.restrictions, zone=zone.key)),
        from_at=rotation.from_at,
        until_at=rotation.until_at,
    )


def shift_length(rotation: Rotation) -> timedelta:
    if rotation.kind == RotationKind.CUSTOM:
        return timedelta(minutes=max(1, rotation.shift_minutes or 1))
    return _LENGTHS[RotationKind(rotation.kind)] * max(1, rotation.every)


def _overrides(rows: Iterable[Override]) -> list[OverridePlan]:
    return [OverridePlan(row.pk, row.start_at, row.end_at, row.user_id, row.instead_of_id, row.reason) for row in rows]
