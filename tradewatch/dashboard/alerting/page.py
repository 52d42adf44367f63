"""Everything the page of one alert shows, read once."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from alerts.choices import AlertState
from alerts.explaining import explain
from alerts.models import Alert, AlertGroup
from alerts.queries import timeline_of
from alerts.words import duration_words
from tradewatch.core.people import name_of
from tradewatch.dashboard.alerting.escalation import ladder_of
from tradewatch.dashboard.alerting.evidence import evidence_of, markers_before
from tradewatch.dashboard.alerting.story import deliveries_as_told, lines_of
from tradewatch.dashboard.alerting.why import hero_of, reasons_of, was_told
from tradewatch.dashboard.triage_page import people_of, teams_of
from tradewatch.errors.models import Issue

MAX_ENTRIES, MAX_OTHERS, MAX_BEFORE = 200, 20, 5
SNOOZES = (("30m", "30 min"), ("1h", "1 hour"), ("4h", "4 hours"), ("24h", "24 hours"), ("7d", "7 days"))


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier alert of the same key, in one line."""

    id: int
    at: datetime
    text: str


def page_context(alert: Alert, *, may_act: bool, now: datetime) -> dict[str, Any]:
    explanation = explain(alert, now=now)
    entries = list(timeline_of(alert)[:MAX_ENTRIES])
    groups = [one.group for one in explanation.groups]
    before = _before(alert)
    return {
        "alert": alert,
        "hero": hero_of(alert, explanation, now=now),
        "why": explanation,
        "is_page": was_told(explanation),
        "reasons": reasons_of(alert, explanation, entries),
        "lines": lines_of(entries),
        "deliveries": deliveries_as_told(explanation.deliveries, entries),
        "ladders": [ladder for group in groups if (ladder := ladder_of(group, entries, now=now))],
        "next_steps": [one for one in explanation.groups if one.next_step_at],
        "together": [(group, others_in(group, alert)) for group in groups],
        "evidence": evidence_of(alert, now=now),
        "markers": [(each, alert.starts_at.timestamp() - each.at_epoch) for each in markers_before(alert)],
        "issue": _issue(alert),
        "before": before,
        "usual_answer": _usual_answer(alert),
        "owner": owner_of(alert),
        "metadata": _metadata(alert.metadata),
        "snoozes": SNOOZES,
        "is_snoozed": alert.snoozed_until is not None and alert.snoozed_until > now,
        **({"people": people_of(alert.project_id), "teams": teams_of(alert.project_id)} if may_act else {}),
    }


def owner_of(alert: Alert) -> str:
    """Return whose it is, in words; empty: nobody's."""
    names = [name_of(alert.assignee) if alert.assignee else "", f"team {alert.team}" if alert.team else ""]
    return ", ".join(name for name in names if name)


def others_in(group: AlertGroup, alert: Alert) -> Sequence[Alert]:
    """Return the other alerts of the group, open ones first."""
    # By the members' own index: a join would read and sort ten thousand alerts for the newest twenty.
    newest = group.members.exclude(alert=alert).order_by("-alert_id").values_list("alert_id", flat=True)
    rows = Alert.objects.filter(pk__in=list(newest[:MAX_OTHERS])).order_by("-id")
    return sorted(rows, key=lambda each: not each.is_open)


def _earlier(alert: Alert) -> QuerySet[Alert]:
    return Alert.objects.filter(project=alert.project_id, dedup_key=alert.dedup_key, pk__lt=alert.pk).order_by("-id")


def _before(alert: Alert) -> list[Before]:
    return [Before(each.pk, each.starts_at, _lasted(each)) for each in _earlier(alert)[:MAX_BEFORE]]


def _lasted(alert: Alert) -> str:
    length = duration_words(alert.resolved_at - alert.starts_at) if alert.resolved_at else ""
    answered = (
        f"acknowledged after {duration_words(alert.acknowledged_at - alert.starts_at)}" if alert.acknowledged_at else ""
    )
    ended = f"ended by {alert.resolved_by}" if alert.resolved_by else ""
    return ", ".join(part for part in (length, answered, ended) if part)


def _usual_answer(alert: Alert) -> timedelta | None:
    """Return the median time until somebody acknowledged alerts of this key; None: nobody ever did."""
    rows = _earlier(alert).filter(state=AlertState.RESOLVED).values_list("starts_at", "acknowledged_at")
    times = [(answered - began).total_seconds() for began, answered in rows[:50] if answered is not None]
    return timedelta(seconds=statistics.median(times)) if times else None


def _issue(alert: Alert) -> Issue | None:
    """Return the issue that the alert leads to, where it is one of the same project."""
    head, _, number = alert.link.strip("/").partition("/")
    if head != "issues" or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return Issue.objects.filter(pk=int(number), project=alert.project_id).first()


def _metadata(metadata: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what its source handed over beside the labels; our own notes to ourselves are left out."""
    return [(str(name), str(value)[:500]) for name, value in sorted(metadata.items()) if name != "occasion"][:40]
