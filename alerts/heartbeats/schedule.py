"""When a job is expected: cron in a time zone, or an interval. Pure: moments in, moments out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from alerts.heartbeats.choices import ScheduleKind

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`kind` says which of the others count. A cron tick is a wall-clock time of `time_zone`."""

    kind: ScheduleKind
    cron: str = ""
    time_zone: str = "UTC"
    interval: timedelta = timedelta(hours=1)


def next_expected(schedule: Schedule, after: datetime) -> datetime | None:
    """Return the first moment after `after` at which the job should report; None: it has no schedule.

    Across clock changes as Debian's cron does it: what falls into a gap is due when the gap ends, what stands in a
    repeated hour is due once. Raises ValueError for a schedule that `faults_in` would refuse.
    """
    match schedule.kind:
        case ScheduleKind.INTERVAL:
            return after + schedule.interval
        case ScheduleKind.CRON:
            return _next_tick(schedule, after)
        case _:
            return None


def _next_tick(schedule: Schedule, after: datetime) -> datetime:
    local = after.astimezone(ZoneInfo(schedule.time_zone))
    tick = next(CronSim(schedule.cron, local)).astimezone(UTC)
    # The second pass of a repeated hour can name a moment that is already behind.
    return tick if tick > after else _next_tick(schedule, after + timedelta(minutes=1))


def faults_in(schedule: Schedule) -> dict[str, list[str]]:
    """Return what is wrong, by the fields of the model; empty: the schedule can be used."""
    faults: dict[str, list[str]] = {}
    if schedule.kind == ScheduleKind.CRON:
        if fault := _fault_in_zone(schedule.time_zone):
            faults["time_zone"] = [fault]
        if fault := _fault_in_cron(schedule.cron):
            faults["cron"] = [fault]
    elif schedule.kind == ScheduleKind.INTERVAL and not SHORTEST <= schedule.interval <= LONGEST:
        faults["interval_seconds"] = ["expected 60 seconds to 366 days"]
    return faults


def _fault_in_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"{name[:60]} is no time zone: expected a name such as Europe/London"
    return ""


def _fault_in_cron(text: str) -> str:
    expected = "expected five fields, minute hour day month weekday, e.g. 30 2 * * 1-5"
    if len(text.split()) != 5:
        return expected
    try:
        next(CronSim(text, datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return f"{error}: {expected}"
    except StopIteration:
        return f"never comes: {expected}"
    return ""
