"""A group's alerts for pages that ask what it would say: alerts in one standing are read as one, with their number.

A group may hold ten thousand of them; the look that decides reads each, a page need not.
"""

from dataclasses import replace
from typing import Any

from django.db.models import Count, Min
from django.db.models.functions import Least

from alerts.choices import AlertSeverity, AlertState
from alerts.engine.looking import STILL_MATTERS, see
from alerts.engine.plans import Plan
from alerts.engine.surroundings import Surroundings, held_words
from alerts.grouping import Member
from alerts.models import Alert, AlertGroup

FEW = 500  # up to here each is asked about by its labels, as the look does
STANDING = (
    "alert__state", "alert__severity", "alert__snoozed_until", "alert__snoozed_by",
    "told_severity", "held_by", "released_by", "told_sequence", "end_sequence",
)  # fmt: skip


def members_alike(group: AlertGroup, plan: Plan, around: Surroundings) -> list[Member]:
    """Return what `see` would, alerts in one standing together.

    In a large group what silences and inhibitions hold is taken from the last look, which wrote it down.
    """
    if around.needs_labels and group.members.filter(STILL_MATTERS)[: FEW + 1].count() <= FEW:
        return [one.member for one in see(group, plan, around)]
    rows = group.members.filter(STILL_MATTERS).order_by().values(*STANDING)
    counted = rows.annotate(
        number=Count("id"), first=Min("alert_id"), since=Min(Least("joined_at", "alert__starts_at"))
    )
    by_clock = replace(around, holdings=(), inhibitors=())
    return [_member(row, plan, by_clock, is_noted=around.needs_labels) for row in counted]


def _member(row: dict[str, Any], plan: Plan, by_clock: Surroundings, *, is_noted: bool) -> Member:
    state, severity = row["alert__state"], AlertSeverity(row["alert__severity"])
    is_open = state != AlertState.RESOLVED
    alert = Alert(severity=severity, snoozed_until=row["alert__snoozed_until"], snoozed_by=row["alert__snoozed_by"])
    held_by, held_until = held_words(by_clock.suppressions_of(alert, plan.quiet_ids)) if is_open else ("", None)
    if is_open and is_noted and not held_by:
        held_by = row["held_by"]
    return Member(
        id=row["first"],
        severity=severity,
        since=row["since"],
        is_open=is_open,
        is_acknowledged=state == AlertState.ACKNOWLEDGED,
        held_by=held_by,
        held_until=held_until,
        was_held_by=row["released_by"] or ("" if held_by else row["held_by"]),
        is_told=row["told_sequence"] is not None,
        told_as=AlertSeverity(row["told_severity"]) if row["told_severity"] else None,
        is_end_told=row["end_sequence"] is not None,
        stands_for=row["number"],
    )
