"""What was going on while a budget was spent: alerts, joined where they overlap, with their share of the failures.

Pure but for `alerts_between`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from alerts.choices import AlertCategory, AlertSeverity
from alerts.models import Alert
from sla.costs.slots import left_spans
from sla.figures.values import Judged
from sla.minutes.values import Minutes, Sums
from sla.models import TargetVersion
from sla.reports.entries import moment
from sla.reports.numbers import exact, weighted
from tradewatch.calendars.spans import Span, cut

MINUTE = timedelta(minutes=1)
MOST_ALERTS = 500
MOST_SHOWN = 12
_RANK = {AlertSeverity.CRITICAL: 0, AlertSeverity.ERROR: 1, AlertSeverity.WARNING: 2, AlertSeverity.INFO: 3}


@dataclass(frozen=True, slots=True)
class Happened:
    """An alert: `span` is in whole minutes, up to now while it lasts."""

    id: int
    title: str
    severity: str
    environment: str
    span: Span
    is_over: bool


def alerts_between(project_id: int, start: datetime, end: datetime, now: datetime) -> list[Happened]:
    """Return the alerts about SLAs, and the errors and worse, that touch [start, end); the newest `MOST_ALERTS`."""
    grave = Q(category=AlertCategory.SLA) | Q(severity__in=[AlertSeverity.CRITICAL, AlertSeverity.ERROR])
    rows = Alert.objects.filter(grave, Q(resolved_at=None) | Q(resolved_at__gt=start), project=project_id, simulated="")
    rows = rows.filter(starts_at__lt=end).order_by("-starts_at")[:MOST_ALERTS]
    return [
        Happened(row.pk, row.title, row.severity, row.environment, _whole(row, now), row.resolved_at is not None)
        for row in rows
    ]


def incidents_of(
    happened: Sequence[Happened], judged: Judged, minutes: Minutes, version: TargetVersion
) -> dict[str, Any]:
    """Return {"incidents", "incident_elsewhere": bad events outside all of them, "incident_share": of all bad events}.

    `points` of an incident are hundredths of the whole budget; null where slices of time are counted, not events. What
    was excluded costs nothing.
    """
    counted = left_spans(judged)
    allowed = Decimal(0) if version.slice_seconds else (1 - version.objective) * judged.adjusted.sums.valid
    found = []
    for group in _joined([each for each in happened if _concerns(each, version.environment)]):
        span = Span(min(each.span.start for each in group), max(each.span.end for each in group))
        sums = _sums(minutes, counted, span)
        if sums.bad:
            found.append((sums.bad, _incident(group, span, sums, allowed)))
    inside = sum(bad for bad, _ in found)
    bad = _sums(minutes, counted, Span(judged.period.start, judged.period.end)).bad
    largest = sorted(found, key=lambda each: -each[0])[:MOST_SHOWN]
    return {
        "incidents": sorted((incident for _, incident in largest), key=lambda each: each["start"]),
        "incident_elsewhere": weighted(bad - inside),
        "incident_share": exact(Decimal(inside) / bad) if bad else None,
    }


def _concerns(each: Happened, environment: str) -> bool:
    return not environment or each.environment in ("", environment)


def _incident(group: Sequence[Happened], span: Span, sums: Sums, allowed: Decimal) -> dict[str, Any]:
    first = min(group, key=lambda each: (_RANK[AlertSeverity(each.severity)], each.span.start))
    return {
        "title": first.title,
        "severity": first.severity,
        "start": moment(span.start),
        "end": moment(span.end) if all(each.is_over for each in group) else None,
        "seconds": int(span.length.total_seconds()),
        "alert_ids": sorted(each.id for each in group),
        "valid": weighted(sums.valid),
        "bad": weighted(sums.bad),
        "points": exact(100 * sums.bad / allowed) if allowed else None,
    }


def _joined(happened: Sequence[Happened]) -> list[list[Happened]]:
    """Return the alerts in groups that overlap in time: a failed minute counts for one incident."""
    groups: list[list[Happened]] = []
    until = None
    for each in sorted(happened, key=lambda one: one.span):
        if until is not None and each.span.start < until:
            groups[-1].append(each)
            until = max(until, each.span.end)
        else:
            groups.append([each])
            until = each.span.end
    return groups


def _sums(minutes: Minutes, counted: Sequence[Span], span: Span) -> Sums:
    total = Sums()
    for part in cut(counted, span.start, span.end):
        total = total.plus(minutes.sums(int(part.start.timestamp()), int(part.end.timestamp())))
    return total


def _whole(row: Alert, now: datetime) -> Span:
    """Return the whole minutes that the alert touches: what failed in them counts for it."""
    start = row.starts_at.replace(second=0, microsecond=0)
    last = max(row.resolved_at or now, row.starts_at).replace(second=0, microsecond=0)
    return Span(start, last + MINUTE)
