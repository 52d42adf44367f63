"""Makes and mails what is due. May run twice, late, or in two processes: rows are claimed, and each address is told
once."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.db import IntegrityError, transaction
from django.db.models import Q

from alerts.retries import delay_after
from sla.models import Report, ReportMailing, ReportSchedule
from sla.reports.asking import asked_named
from sla.reports.forms import File
from sla.reports.keeping import keep, kept_file
from sla.reports.schedules.clocks import clock_of, next_due_of
from sla.reports.schedules.due import newest_due
from sla.reports.schedules.mail import build_mail
from sla.reports.schedules.recipients import addresses_of
from tradewatch.core.actors import SYSTEM
from tradewatch.core.faults import Fault

LEASE = timedelta(minutes=10)  # a sender that was lost is followed by another
A_TICK = 20
MOST_ATTEMPTS = 20  # of a sender that was lost each time: retries after faults end sooner
NOBODY = "nobody to send it to; the report is kept"
logger = logging.getLogger(__name__)


def send_due(now: datetime) -> int:
    """Plan the schedules that are due and send what is planned; return how many mailings are done."""
    enabled = ReportSchedule.objects.filter(is_enabled=True)
    for schedule in enabled.filter(next_due_at=None):  # its market's calendar ended; perhaps it has been filled since
        enabled.filter(pk=schedule.pk, next_due_at=None).update(next_due_at=next_due_of(schedule, now))
    for schedule in enabled.filter(next_due_at__lte=now).order_by("next_due_at"):
        _plan(schedule, now)
    held = Q(lease_until=None) | Q(lease_until__lt=now)
    due = ReportMailing.objects.filter(held, next_try_at__lte=now, sent_at=None, attempts__lt=MOST_ATTEMPTS).order_by(
        "next_try_at"
    )
    return sum(_send(mailing, now) for mailing in due.select_related("schedule__project", "report__project")[:A_TICK])


def _plan(schedule: ReportSchedule, now: datetime) -> None:
    """Write the row that promises the newest report and move the schedule on: both, and by one beat alone."""
    was_due_at = schedule.next_due_at
    if was_due_at is None:
        return
    due = newest_due(clock_of(schedule, now), was_due_at, now)
    try:
        with transaction.atomic():
            mine = ReportSchedule.objects.filter(pk=schedule.pk, next_due_at=was_due_at)
            if mine.update(next_due_at=due.next_at):
                ReportMailing.objects.create(
                    schedule=schedule, period=due.period, due_at=due.at, skipped=due.skipped, next_try_at=now
                )
    except IntegrityError:  # somebody sent this very one by hand within the same instant
        ReportSchedule.objects.filter(pk=schedule.pk, next_due_at=was_due_at).update(next_due_at=due.next_at)


def _send(mailing: ReportMailing, now: datetime) -> bool:
    held = Q(lease_until=None) | Q(lease_until__lt=now)
    mine = ReportMailing.objects.filter(held, pk=mailing.pk, sent_at=None, next_try_at__lte=now)
    if not mine.update(lease_until=now + LEASE, attempts=mailing.attempts + 1):
        return False
    mailing.attempts += 1
    try:
        report = mailing.report or _make(mailing, now)
        files = [kept_file(report, form) for form in mailing.schedule.formats]
        _tell(mailing, report, files, now)
    except (Fault, OSError, SMTPException) as error:
        # Without the text of the error: a mail server's may repeat addresses.
        logger.warning("report not sent mailing=%s error=%s", mailing.pk, type(error).__name__)
        _try_again(mailing, error, now)
        return False
    ReportMailing.objects.filter(pk=mailing.pk).update(
        sent_at=now, lease_until=None, next_try_at=None, fault="" if mailing.told else NOBODY
    )
    return True


def _make(mailing: ReportMailing, now: datetime) -> Report:
    """Keep the report and say so in the row, in one go: a sender that was lost leaves either both or neither."""
    schedule = mailing.schedule
    with transaction.atomic():
        report = keep(
            SYSTEM,
            schedule.project,
            asked_named(mailing.period, schedule.market if schedule.cadence == "market_close" else ""),
            made_by=f"schedule {schedule.name}" + (f", sent by {mailing.asked_by}" if mailing.asked_by else ""),
            now=now,
        )
        ReportMailing.objects.filter(pk=mailing.pk).update(report=report)
    return report


def _tell(mailing: ReportMailing, report: Report, files: list[File], now: datetime) -> None:
    """Send to each who does not have it. Raises what the mail server did."""
    for address in addresses_of(mailing.schedule):
        if address not in mailing.told:
            build_mail(mailing, report, files, address, now=now).send()
            mailing.told.append(address)
            mailing.save(update_fields=["told"])


def _try_again(mailing: ReportMailing, error: Exception, now: datetime) -> None:
    pause = delay_after(mailing.attempts)
    ReportMailing.objects.filter(pk=mailing.pk).update(
        lease_until=None,
        next_try_at=None if pause is None else now + pause,
        fault=(error.detail if isinstance(error, Fault) else type(error).__name__)[:300],
    )
