"""The mail of a report: its finding, the targets, a link; the files attached. Text and HTML, no script."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from sla.models import Report, ReportMailing
from sla.reports.forms import File
from sla.reports.keeping import document_of, edition_of
from sla.reports.sheet import Verdict, sheet_of
from sla.reports.times import minute_words

LATE_FROM = timedelta(hours=1)
# The light values of the roles in static/tokens.css: mail clients know neither custom properties nor stylesheets.
_COLOURS = {
    "ok": ("#e1f5ed", "#08694e"),
    "bad": ("#fde9ec", "#ad1029"),
    "critical": ("#bf1430", "#ffffff"),
    "warning": ("#fcf2d9", "#7d5100"),
    "hollow": ("#eff1f4", "#4f5867"),
}


def build_mail(
    mailing: ReportMailing, report: Report, files: Sequence[File], address: str, *, now: datetime
) -> EmailMultiAlternatives:
    page = describe(mailing, report, files, now=now)
    mail = EmailMultiAlternatives(
        subject=page["subject"],
        body=render_to_string("sla/reports/mail.txt", page).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Message-ID": _message_id(mailing, address), "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("sla/reports/mail.html", page), "text/html")
    for file in files:
        mail.attach(file.name, file.content, file.content_type.partition(";")[0])
    return mail


def describe(mailing: ReportMailing, report: Report, files: Sequence[File], *, now: datetime) -> dict[str, Any]:
    """Return what both forms of the mail show: the finding first, in words."""
    sheet = sheet_of(document_of(report))
    verdict = sheet.lede[0].rstrip(".")
    return {
        "subject": f"[SLA] {verdict} · {report.label} · {report.project.name}",
        "title": sheet.title,
        "meta": " · ".join(sheet.meta),
        "verdict": sheet.lede[0],
        "lede": " ".join(sheet.lede[1:]),
        "rows": [_row(each) for each in sheet.verdicts],
        "note": sheet.note,
        "delay": delay_words(mailing, now=now),
        "files": ", ".join(file.name for file in files),
        "name": report.name,
        "edition": edition_of(report),
        "sha256": report.sha256,
        "schedule": mailing.schedule.name,
        "asked_by": mailing.asked_by,
        "url": f"{settings.PUBLIC_URL}{report.get_absolute_url()}",
    }


def delay_words(mailing: ReportMailing, *, now: datetime) -> str:
    """Return why it comes late, and what never came; empty when it is in time."""
    if mailing.asked_by:
        return ""
    due = minute_words(mailing.due_at.astimezone(ZoneInfo(mailing.schedule.zone)))
    said = []
    if now - mailing.due_at > LATE_FROM:
        said.append(f"This report was due {due} {mailing.schedule.zone} and could not be sent then.")
    if mailing.skipped:
        others = "An earlier one is" if mailing.skipped == 1 else f"{mailing.skipped} earlier ones are"
        said.append(f"{others} not sent: TradeWatch was not running when due.")
    return " ".join(said)


def _row(verdict: Verdict) -> Mapping[str, Any]:
    background, colour = _COLOURS[verdict.badge]
    return {"verdict": verdict, "background": background, "colour": colour}


def _message_id(mailing: ReportMailing, address: str) -> str:
    """Return the same for every attempt: a receiver that got it before may drop the repeat."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    digest = hashlib.sha256(f"{mailing.pk}\0{address}".encode()).hexdigest()[:32]
    return f"<sla-report-{digest}@{domain}>"
