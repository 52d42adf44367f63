"""An alert 60 days before the sessions of a market that somebody relies on run out; it ends when they are loaded."""

from datetime import datetime

from django.db import transaction

from alerts.choices import AlertCategory, AlertSeverity
from alerts.models import QuietHours, Schedule
from alerts.services.judging import observe_end
from alerts.services.opening import open_or_update
from alerts.trigger import Trigger
from tradewatch.calendars.models import MarketCalendar
from tradewatch.calendars.refreshing import ending_soon
from tradewatch.projects.models import Project
from tradewatch.projects.queries import first_project

SOURCE = "market calendar"


def warn_of_ending_calendars(now: datetime) -> None:
    """Open or end the alerts, in the first project: calendars belong to the installation."""
    project = first_project()
    if project is None:
        return
    ending = {calendar.pk: calendar for calendar in ending_soon(now)}
    for calendar in MarketCalendar.objects.filter(is_always_open=False):
        with transaction.atomic():
            if calendar.pk in ending and calendar.data_until is not None:
                open_or_update(_trigger(calendar, project, now), now=now)
            else:
                why = f"The sessions of {calendar.code} are known until {calendar.data_until}."
                observe_end(project.pk, _key(calendar), why=why, by="TradeWatch", now=now)


def _trigger(calendar: MarketCalendar, project: Project, now: datetime) -> Trigger:
    days = (calendar.data_until - now.date()).days if calendar.data_until else 0
    users = [*QuietHours.objects.filter(calendar=calendar.code), *Schedule.objects.filter(calendar=calendar.code)]
    used = f" Used by {', '.join(str(user) for user in users[:5])}." if users else ""
    fault = f" The last load failed: {calendar.last_fault}" if calendar.last_fault else ""
    title = (
        f"Sessions of {calendar.code} end in {days} days" if days >= 0 else f"Sessions of {calendar.code} have ended"
    )
    return Trigger(
        project_id=project.pk,
        dedup_key=_key(calendar),
        severity=AlertSeverity.WARNING if days >= 0 else AlertSeverity.ERROR,
        category=AlertCategory.SYSTEM,
        source=SOURCE,
        title=f"Sessions of market {calendar.code} run out",
        message=f"{title}: after {calendar.data_until} nothing is held because of it.{used}{fault}",
        at=now,
        reasons=(f"{title}; the warning comes 60 days before.",),
        link=f"/admin/calendars/marketcalendar/{calendar.pk}/change/",
        tags={"calendar": calendar.code},
        occasion=f"{now:%Y-%m-%d}",
    )


def _key(calendar: MarketCalendar) -> str:
    return f"calendar:{calendar.code}"
