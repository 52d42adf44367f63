"""Tells alerts of every target's burn and state, in few queries while nothing happens."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from alerts.choices import AlertCategory, AlertSeverity
from alerts.observe import record_occurrences
from alerts.occurrence import Occurrence
from alerts.services.judging import end_news
from sla.burning.steps import Step, burn_step, firing_pair, graver, state_step
from sla.burning.words import burn_ended, burn_message, burn_title, state_message, state_title
from sla.choices import TargetState
from sla.figures.pairs import PAGE
from sla.figures.reading import Burnt, Opened, burnt, opened
from sla.models import Target, TargetNews

ARCHIVED = "The target was archived."
BY = "SLA"


def burn_key(target_id: int) -> str:
    return f"sla:{target_id}:burn"


def state_key(target_id: int) -> str:
    return f"sla:{target_id}:state"


def tell_burns(now: datetime) -> int:
    """Hand over what burns, and end what no longer does. Returns how many targets had news.

    Outside the time that counts (a market that is closed, maintenance) all stays as it was at its end.
    """
    targets = list(Target.objects.filter(archived_at=None).select_related("project"))
    news = {row.target_id: row for row in TargetNews.objects.filter(target__in=targets)}
    found = burnt(targets, now)
    steps: list[tuple[Target, Burnt, Step]] = []
    for target in targets:
        known = news.get(target.pk) or TargetNews(target=target)
        if (each := found.get(target.pk)) is not None and each.counts_now:
            steps.append((target, each, burn_step(known.burn, known.burn_told_at, each.burning, now)))
    told = [target for target, _, step in steps if step == Step.TELL]
    judged = opened(told, now)
    for target, each, step in steps:
        if step == Step.TELL:
            _tell_burn(target, each, judged[target.pk], now)
        elif step == Step.END:
            _end_burn(target, burn_ended(each.burning), now)
    return sum(step != Step.WAIT for _, _, step in steps) + take_back_archived(now)


def tell_states(now: datetime) -> int:
    """Hand over which targets have reached warning or critical, and end what has not. Returns how many had news."""
    targets = list(Target.objects.filter(archived_at=None).select_related("project"))
    news = {row.target_id: row for row in TargetNews.objects.filter(target__in=targets)}
    count = 0
    for pk, each in opened(targets, now).items():
        known = news.get(pk) or TargetNews(target=each.target)
        least = each.version.least_events
        step = state_step(known.state, known.state_told_at, each.judged.adjusted, least, now)
        if step == Step.TELL:
            _tell_state(each, now)
        elif step == Step.END:
            _end_state(each.target, state_message(each.version, each.judged), now)
        count += step != Step.WAIT
    return count


def take_back_archived(now: datetime) -> int:
    """End what is open about targets that were archived meanwhile."""
    rows = TargetNews.objects.filter(target__archived_at__isnull=False).exclude(Q(burn="") & Q(state=""))
    targets = [row.target for row in rows.select_related("target")]
    for target in targets:
        _end_burn(target, ARCHIVED, now)
        _end_state(target, ARCHIVED, now)
    return len(targets)


@transaction.atomic
def _tell_burn(target: Target, each: Burnt, judged: Opened, now: datetime) -> None:
    row, pair = _locked(target), firing_pair(each.burning)
    if pair is None or burn_step(row.burn, row.burn_told_at, each.burning, now) != Step.TELL:  # another was first
        return
    row.burn, row.burn_told_at = graver(row.burn, pair.pair.severity), now
    row.save(update_fields=["burn", "burn_told_at"])
    severity = AlertSeverity.CRITICAL if pair.pair.severity == PAGE else AlertSeverity.WARNING
    title, message = burn_title(str(target), pair), burn_message(each.version, judged.judged, pair)
    _report(judged, "sla.burn", burn_key(target.pk), severity, title, message, now)


@transaction.atomic
def _tell_state(each: Opened, now: datetime) -> None:
    row, state = _locked(each.target), each.judged.adjusted.state
    step = state_step(row.state, row.state_told_at, each.judged.adjusted, each.version.least_events, now)
    if step != Step.TELL:  # another was first
        return
    row.state, row.state_told_at = TargetState.CRITICAL if TargetState.CRITICAL in (row.state, state) else state, now
    row.save(update_fields=["state", "state_told_at"])
    severity = AlertSeverity.ERROR if state == TargetState.CRITICAL else AlertSeverity.WARNING
    title = state_title(str(each.target), each.version, each.judged)
    message = state_message(each.version, each.judged)
    _report(each, f"sla.{state}", state_key(each.target.pk), severity, title, message, now)


@transaction.atomic
def _end_burn(target: Target, why: str, now: datetime) -> None:
    row = _locked(target)
    row.burn, row.burn_told_at = "", None
    row.save(update_fields=["burn", "burn_told_at"])
    end_news(target.project_id, burn_key(target.pk), why=why, by=BY, now=now)


@transaction.atomic
def _end_state(target: Target, why: str, now: datetime) -> None:
    row = _locked(target)
    row.state, row.state_told_at = "", None
    row.save(update_fields=["state", "state_told_at"])
    end_news(target.project_id, state_key(target.pk), why=why, by=BY, now=now)


def _locked(target: Target) -> TargetNews:
    row, _ = TargetNews.objects.select_for_update().get_or_create(target=target)
    return row


def _report(
    each: Opened, kind: str, fingerprint: str, severity: AlertSeverity, title: str, message: str, now: datetime
) -> None:
    news = Occurrence(
        kind=kind,
        project_id=each.target.project_id,
        fingerprint=fingerprint,
        severity=severity,
        category=AlertCategory.SLA,
        title=title,
        message=message,
        link=each.target.get_absolute_url(),
        environment=each.version.environment,
        tags={"target": each.target.metric_name, "indicator": each.version.indicator},
        occurred_at=now,
    )
    record_occurrences([news])
