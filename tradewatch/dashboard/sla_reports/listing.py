"""What the list shows: kept reports, schedules with what is due, and how each mailing went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sla.choices import CalendarUnit
from sla.models import Report, ReportMailing, ReportSchedule
from sla.reports.civil import ended_before, holding
from tradewatch.core.paging import read_page

REPORTS_A_PAGE = 30
MAILINGS_SHOWN = 20
SCHEDULES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Sent:
    """A mailing in words; `badge` says how it went."""

    mailing: ReportMailing
    state: str
    badge: str
    detail: str


def page_of(project_ids: Sequence[int], cursor: str | None, now: datetime) -> dict[str, Any]:
    """Return what the template shows. Raises `Invalid` for a cursor that is none."""
    kept = Report.objects.filter(project__in=project_ids).defer("document").select_related("project")
    page = read_page(kept, order=("-made_at", "-id"), cursor=cursor, size=REPORTS_A_PAGE)
    schedules = ReportSchedule.objects.filter(project__in=project_ids).select_related("project")
    mailings = ReportMailing.objects.filter(schedule__project__in=project_ids).select_related(
        "schedule", "schedule__project", "report"
    )
    return {
        "reports": page.rows,
        "next": page.next,
        "is_first": not cursor,
        "schedules": schedules.order_by("next_due_at")[:SCHEDULES_SHOWN],
        "sent": [sent_words(each) for each in mailings.order_by("-due_at", "-id")[:MAILINGS_SHOWN]],
        "periods": periods_to_make(now),
    }


def periods_to_make(now: datetime) -> list[tuple[str, str]]:
    """Return (name, label) of the periods that are offered: those that ended last, and the running month."""
    day = now.astimezone(UTC).date()
    ended = [ended_before(unit, day) for unit in (CalendarUnit.MONTH, CalendarUnit.WEEK, CalendarUnit.DAY)]
    running = holding(CalendarUnit.MONTH, day)
    quarter = ended_before(CalendarUnit.QUARTER, day)
    return [
        *((each.name, each.label) for each in ended),
        (quarter.name, quarter.label),
        (running.name, f"{running.label}, so far"),
    ]


def sent_words(mailing: ReportMailing) -> Sent:
    told = len(mailing.told)
    people = f"{told} {'address' if told == 1 else 'addresses'}"
    if mailing.sent_at is not None:
        state, badge = ("Sent", "ok") if told else ("Kept", "hollow")
        return Sent(mailing, state, badge, mailing.fault or f"to {people}")
    if mailing.next_try_at is None:
        return Sent(mailing, "Given up", "bad", f"{mailing.fault} after {mailing.attempts} tries")
    if mailing.fault:
        again = mailing.next_try_at.astimezone(UTC)
        return Sent(mailing, "Waiting", "warning", f"{mailing.fault}, next try {again:%H:%M} UTC")
    return Sent(mailing, "On its way", "hollow", "within a minute")
