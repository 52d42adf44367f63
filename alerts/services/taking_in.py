"""Alerts of other systems become ours: opened, counted once a firing, ended by their word or by their silence."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from alerts.choices import AlertCategory
from alerts.intake.incoming import Incoming, Reading
from alerts.models import Alert, IntakeSource, TakenIn
from alerts.services.ending import End, end_many, ended_words
from alerts.services.handling import raise_many
from alerts.services.opening import lock_open_alerts
from alerts.trigger import Trigger
from alerts.words import moment_words
from tradewatch.core import bulk
from tradewatch.core.actors import Actor

ENDED_AT_ONCE = 1_000
KEPT = ["source", "fingerprint", "labels", "annotations", "generator_url", "starts_at", "ends_at", "updated_at"]


def reading_of(source: IntakeSource | None) -> Reading:
    """Return how the labels of a source are read; None: an API token, read by the defaults."""
    if source is None:
        return Reading()
    return Reading(
        severity_label=source.severity_label,
        severity_map=source.severity_map if isinstance(source.severity_map, dict) else {},
        environment_label=source.environment_label,
        category=AlertCategory(source.category),
        resolve_timeout=timedelta(seconds=source.resolve_timeout_seconds),
    )


def take_in(
    actor: Actor, project_id: int, alerts: Sequence[Incoming], *, source: IntakeSource | None, now: datetime
) -> list[Alert]:
    """Open, update or end the alerts of a push, all in one transaction, with few statements.

    Returns those that are or were open, in the order of keys. Again the same: nothing changes. An end of what is not
    open: accepted, no effect. Raises `NotAllowed`.
    """
    taken: list[Alert] = []
    if alerts:
        with transaction.atomic():
            for part in _rounds(alerts):
                taken += _take(actor, project_id, part, source, now=now)
    return sorted(taken, key=lambda alert: alert.dedup_key)  # stable: of one key as they came


def _rounds(alerts: Sequence[Incoming]) -> list[list[Incoming]]:
    """Return the alerts so that each list has each key once: what names a key twice is done in its order."""
    rounds: list[list[Incoming]] = []
    seen = Counter[str]()
    for incoming in alerts:
        number = seen[incoming.key]
        seen[incoming.key] += 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(incoming)
    return rounds


def _take(
    actor: Actor, project_id: int, part: Sequence[Incoming], source: IntakeSource | None, *, now: datetime
) -> list[Alert]:
    # Locked in the order of keys: two pushes that meet then wait for each other instead of deadlocking.
    known = lock_open_alerts([(project_id, one.key) for one in part])
    over = [known[key] for one in part if one.has_ended(now) and (key := (project_id, one.key)) in known]
    why = f"{actor.label} says that it ended."
    end_many([End(alert, ended_words(alert, now=now), why, by=actor.label) for alert in over], now=now)
    firing = {one.key: one for one in part if not one.has_ended(now)}
    triggers = [_trigger(actor, project_id, one, now=now) for one in firing.values()]
    raised = raise_many(actor, triggers, now=now, known=known) if triggers else []
    _keep_up([(alert, firing[alert.dedup_key]) for alert, is_new in raised if not is_new])
    _keep([(alert, firing[alert.dedup_key]) for alert, _ in raised], source, now=now)
    return [*over, *(alert for alert, _ in raised)]


def _keep_up(pairs: Sequence[tuple[Alert, Incoming]]) -> None:
    """Texts change while an alert fires ("97% full"): what is shown is what was said last."""
    changed = [(alert, one.message) for alert, one in pairs if one.message and alert.message != one.message]
    for alert, message in changed:
        alert.message = message
    bulk.update_objects([alert for alert, _ in changed], ["message"])


def _keep(pairs: Sequence[tuple[Alert, Incoming]], source: IntakeSource | None, *, now: datetime) -> None:
    """Keep what the locked alerts were sent with."""
    known = {row.alert_id: row for row in TakenIn.objects.filter(alert__in=[alert.pk for alert, _ in pairs])}
    rows = [_kept(known.get(alert.pk) or TakenIn(alert=alert), one, source, now=now) for alert, one in pairs]
    bulk.update_objects([row for row in rows if row.pk], KEPT)
    bulk.insert_objects([row for row in rows if not row.pk])


def _kept(row: TakenIn, incoming: Incoming, source: IntakeSource | None, *, now: datetime) -> TakenIn:
    row.source, row.fingerprint = source, incoming.fingerprint
    row.labels, row.annotations = dict(incoming.labels), dict(incoming.annotations)
    row.generator_url = incoming.link
    row.starts_at, row.ends_at, row.updated_at = incoming.starts_at, incoming.ends_at, now
    return row


def end_silent(now: datetime) -> int:
    """End what was to be repeated by now and was not. Returns how many alerts ended."""
    due = TakenIn.objects.filter(ends_at__lte=now)
    ended = 0
    while ids := list(due.order_by("ends_at").values_list("alert_id", flat=True)[:ENDED_AT_ONCE]):
        ended += _end_silent(ids, now=now)
    return ended


@transaction.atomic
def _end_silent(alert_ids: Sequence[int], *, now: datetime) -> int:
    """Look again under the alerts' locks: a push may have come in between. What ended otherwise is only crossed off."""
    rows = Alert.objects.filter(pk__in=alert_ids).order_by("project_id", "dedup_key")
    alerts = {alert.pk: alert for alert in rows.select_for_update(no_key=True)}
    due = list(TakenIn.objects.select_related("source").filter(alert__in=alerts, ends_at__lte=now))
    ends = [_silent_end(alert, row, now=now) for row in due if (alert := alerts[row.alert_id]).is_open]
    end_many(ends, now=now)
    TakenIn.objects.filter(pk__in=[row.pk for row in due]).update(ends_at=None)
    return len(ends)


def _silent_end(alert: Alert, row: TakenIn, *, now: datetime) -> End:
    by = row.source.name if row.source else alert.source
    why = f"Not sent again since {moment_words(row.updated_at)}: for {by} that means that it ended."
    return End(alert, ended_words(alert, now=now), why, by)


def _trigger(actor: Actor, project_id: int, incoming: Incoming, *, now: datetime) -> Trigger:
    return Trigger(
        project_id=project_id,
        dedup_key=incoming.key,
        severity=incoming.severity,
        category=incoming.category,
        source=actor.label,
        title=incoming.title,
        at=now,
        since=incoming.starts_at,
        reasons=(f"Sent by {actor.label}.",),
        message=incoming.message,
        link=incoming.link,
        environment=incoming.environment,
        tags=dict(incoming.labels),
        occasion=incoming.occasion,
        actor_label=actor.label,
    )
