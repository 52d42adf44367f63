"""The report of a week by mail: once a project and week, to whoever its alerts go to by default."""

import logging
from datetime import UTC, datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string

from alerts.models import WeeklyReport
from alerts.recipients import recipients_of
from alerts.replay.nights import Night
from alerts.reports.figures import AlertFigures
from alerts.reports.reading import read_report
from alerts.words import counted, duration_words
from tradewatch.projects.models import Project

WEEK = timedelta(days=7)
SENT_AT_HOUR = 7  # of Monday, UTC
LEASE = timedelta(minutes=10)  # a sender that was lost is followed by another
MOST_ATTEMPTS = 8
logger = logging.getLogger(__name__)


def send_weekly_reports(now: datetime) -> int:
    """Send the reports of the week that ended last Monday which are not sent. Returns how many were."""
    if not settings.ALERT_WEEKLY_REPORT:
        return 0
    end = week_end(now)
    for project in Project.objects.order_by("pk"):
        _plan(project, end, now)
    due = WeeklyReport.objects.filter(ends_at=end, sent_at=None, attempts__lt=MOST_ATTEMPTS)
    due = due.filter(Q(lease_until=None) | Q(lease_until__lt=now)).select_related("project")
    return sum(_send(report, now) for report in due)


def week_end(now: datetime) -> datetime:
    """Return the last Monday 07:00 UTC at or before `now`: where the week that is reported ends."""
    monday = now.astimezone(UTC).replace(hour=SENT_AT_HOUR, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    return monday if monday <= now else monday - WEEK


def _plan(project: Project, end: datetime, now: datetime) -> None:
    """Make the row that promises the report; none for a project younger than the week."""
    if project.created_at >= end:
        return
    try:
        with transaction.atomic():
            WeeklyReport.objects.get_or_create(project=project, ends_at=end)
    except IntegrityError:  # another beat did, within this instant
        return


def _send(report: WeeklyReport, now: datetime) -> bool:
    held = Q(lease_until=None) | Q(lease_until__lt=now)
    mine = WeeklyReport.objects.filter(held, pk=report.pk, sent_at=None)
    if not mine.update(lease_until=now + LEASE, attempts=report.attempts + 1):
        return False
    since = report.ends_at - WEEK
    figures = read_report([report.project_id], since, report.ends_at, night=Night())
    people = [one.address for one in recipients_of(report.project)] if figures.alerts or figures.pages else []
    for address in people:
        if address not in report.told:
            if not _mailed(build_mail(report.project, figures, since, report.ends_at, address), report):
                return False
            report.told.append(address)
            report.save(update_fields=["told"])
    WeeklyReport.objects.filter(pk=report.pk).update(sent_at=now, lease_until=None)
    return bool(people)


def _mailed(mail: EmailMultiAlternatives, report: WeeklyReport) -> bool:
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        # Without the text of the error: it may repeat addresses. The next tick after the lease tries again.
        logger.warning("weekly report not sent report=%s error=%s", report.pk, type(error).__name__)
        return False
    return True


def build_mail(
    project: Project, figures: AlertFigures, since: datetime, until: datetime, address: str
) -> EmailMultiAlternatives:
    page = describe(project, figures, since, until)
    mail = EmailMultiAlternatives(
        subject=page["subject"],
        body=render_to_string("alerts/weekly.txt", page).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
    )
    mail.attach_alternative(render_to_string("alerts/weekly.html", page), "text/html")
    return mail


def describe(project: Project, figures: AlertFigures, since: datetime, until: datetime) -> dict[str, Any]:
    """Return what both forms of the mail show: the finding first, in words."""
    pages = counted(figures.pages, "page")
    return {
        "subject": f"Alerts of the week: {counted(figures.alerts, 'alert')}, {pages} · {project.name}",
        "finding": f"{counted(figures.alerts, 'alert')} and {pages}, {figures.night_pages} of them at night.",
        "project": project.name,
        "since": since,
        "until": until,
        "times": [
            ("Time to acknowledge", times_words(figures.to_acknowledge.median, figures.to_acknowledge.count)),
            ("Time to resolve", times_words(figures.to_resolve.median, figures.to_resolve.count)),
        ],
        "rules": figures.rules[:5],
        "people": figures.people[:10],
        "url": f"{settings.PUBLIC_URL}/alerts/report?project={project.slug}&days=7",
    }


def times_words(median: timedelta | None, count: int) -> str:
    return "no data" if median is None else f"{duration_words(median)} (median of {count})"
