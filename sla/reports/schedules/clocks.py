"""The clock of a stored schedule."""

from datetime import datetime, timedelta

from sla.choices import Cadence
from sla.models import ReportSchedule
from sla.reports.schedules.due import Clock, next_due
from tradewatch.calendars.queries import market
from tradewatch.calendars.wall_clock import zone_named

AHEAD, BEHIND = timedelta(days=14), timedelta(days=35)


def clock_of(schedule: ReportSchedule, now: datetime) -> Clock:
    """Return when the schedule's reports are due. Of a market the days around `now` and its next due one are read."""
    cadence = Cadence(schedule.cadence)
    if cadence != Cadence.MARKET_CLOSE:
        return Clock(cadence, schedule.at, zone_named(schedule.zone))
    start = max(min(schedule.next_due_at or now, now), now - BEHIND)
    return Clock(cadence, schedule.at, zone_named(schedule.zone), market(schedule.market, start, now + AHEAD))


def next_due_of(schedule: ReportSchedule, now: datetime) -> datetime | None:
    """Return when the schedule is next due; None: it is switched off, or its market is not known so far ahead."""
    return next_due(clock_of(schedule, now), now) if schedule.is_enabled else None
