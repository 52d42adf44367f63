"""One open alert per (project, dedup key): the partial unique index promises it, this module lives with it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from alerts.choices import SEVERITY_RANK, AlertSeverity, AlertState, EntryKind
from alerts.classification import Classification
from alerts.models import Alert, TimelineEntry
from alerts.services.classifying import Classifier
from alerts.timeline import entry, note
from alerts.trigger import Trigger
from alerts.words import one_line
from tradewatch.core.kick import kick
from tradewatch.core.live import push

Classified = tuple[Trigger, Classification]


@transaction.atomic
def open_or_update(trigger: Trigger, *, now: datetime) -> tuple[Alert, bool]:
    """Open the alert of the trigger's key, or count the trigger on the open one. Returns (alert, whether it is new)."""
    return _open_one(Classifier().apply(trigger), now=now)


@transaction.atomic
def open_many(triggers: Sequence[Trigger], *, now: datetime) -> None:
    """Do the same for many triggers, each of another key, in the order of keys, with few statements."""
    classifier = Classifier()
    asked = [classifier.apply(trigger) for trigger in sorted(triggers, key=_key)]
    new = []
    known = _lock_open(triggers)
    for one in asked:
        alert = known.get(_key(one[0]))
        if alert is None:
            new.append(one)
        else:
            _count_unless_counted(alert, one, now=now)
    try:
        with transaction.atomic():
            _insert_many(new, now=now)
    except IntegrityError:  # another process opened one of them within this instant
        for one in new:
            _open_one(one, now=now)


def lock_open_alert(project_id: int, dedup_key: str) -> Alert | None:
    """Return the open alert of the key, locked until the transaction ends."""
    # no_key: timeline and outbox rows that point at the alert may still be written by others.
    rows = Alert.objects.select_for_update(no_key=True).filter(project_id=project_id, dedup_key=dedup_key)
    return rows.exclude(state=AlertState.RESOLVED).first()


def _open_one(one: Classified, *, now: datetime) -> tuple[Alert, bool]:
    trigger = one[0]
    alert = lock_open_alert(*_key(trigger))
    if alert is None:
        try:
            with transaction.atomic():
                return _insert_many([one], now=now)[0], True
        except IntegrityError:
            alert = lock_open_alert(*_key(trigger))
            if alert is None:  # opened and ended by others within this instant: let the caller's transaction run again
                raise
    _count_unless_counted(alert, one, now=now)
    return alert, False


def _lock_open(triggers: Sequence[Trigger]) -> dict[tuple[int, str], Alert]:
    projects, keys = {one.project_id for one in triggers}, {one.dedup_key for one in triggers}
    rows = Alert.objects.filter(project__in=projects, dedup_key__in=keys).exclude(state=AlertState.RESOLVED)
    locked = rows.order_by("project_id", "dedup_key").select_for_update(no_key=True)
    return {(alert.project_id, alert.dedup_key): alert for alert in locked}


def _insert_many(asked: Sequence[Classified], *, now: datetime) -> list[Alert]:
    before = _newest_before([trigger for trigger, _ in asked])
    alerts = Alert.objects.bulk_create(_new(*one, previous_id=before.get(_key(one[0]))) for one in asked)
    entries: list[TimelineEntry] = []
    for alert, (trigger, said) in zip(alerts, asked, strict=True):
        entries += [
            entry(alert, EntryKind.FIRED, reason, now=now, actor_label=trigger.actor_label)
            for reason in trigger.reasons
        ]
        if said.reason:
            entries.append(entry(alert, EntryKind.CLASSIFIED, said.reason, now=now))
    TimelineEntry.objects.bulk_create(entries)
    _on_commit(alerts)
    return alerts


def _newest_before(triggers: Sequence[Trigger]) -> dict[tuple[int, str], int]:
    """Return the id of the last alert of each key that had one."""
    projects, keys = {one.project_id for one in triggers}, {one.dedup_key for one in triggers}
    rows = Alert.objects.filter(project__in=projects, dedup_key__in=keys).order_by()
    return {(row[0], row[1]): row[2] for row in rows.values_list("project_id", "dedup_key").annotate(Max("id"))}


def _new(trigger: Trigger, said: Classification, *, previous_id: int | None) -> Alert:
    return Alert(
        project_id=trigger.project_id,
        dedup_key=trigger.dedup_key,
        severity=trigger.severity,
        category=trigger.category,
        source=trigger.source[:80],
        title=one_line(trigger.title, limit=250),
        message=trigger.message,
        link=trigger.link,
        environment=trigger.environment,
        tags=dict(trigger.tags),
        metadata=_metadata({}, trigger),
        count=trigger.count,
        rule_id=trigger.rule_id,
        classification_id=said.rule_id,
        classified_by=one_line(said.rules, limit=300),
        team_id=said.team_id,
        previous_id=previous_id,
        starts_at=trigger.since or trigger.at,
        last_at=trigger.at,
        expires_at=None if trigger.expires_after is None else trigger.at + trigger.expires_after,
    )


def _count_unless_counted(alert: Alert, one: Classified, *, now: datetime) -> None:
    trigger = one[0]
    if not trigger.occasion or alert.metadata.get("occasion") != trigger.occasion:
        _count(alert, trigger, now=now)


def _count(alert: Alert, trigger: Trigger, *, now: datetime) -> None:
    """Count a trigger. One that makes the alert worse sends it through the routes again; no other is news."""
    if SEVERITY_RANK[trigger.severity] > SEVERITY_RANK[AlertSeverity(alert.severity)]:
        text = f"Raised from {alert.severity} to {trigger.severity}. {' '.join(trigger.reasons)}"
        note(alert, EntryKind.RAISED, text, now=now, actor_label=trigger.actor_label)
        alert.severity, alert.is_unrouted = trigger.severity, True
    alert.count += trigger.count  # the row is locked
    alert.last_at = max(alert.last_at, trigger.at)
    if trigger.expires_after is not None:
        alert.expires_at = alert.last_at + trigger.expires_after
    alert.message = trigger.message or alert.message
    alert.metadata = _metadata(alert.metadata, trigger)
    alert.save(update_fields=["severity", "is_unrouted", "count", "last_at", "expires_at", "message", "metadata"])
    _on_commit([alert])


def _on_commit(alerts: Sequence[Alert]) -> None:
    for project_id in sorted({alert.project_id for alert in alerts}):
        transaction.on_commit(lambda project_id=project_id: push("alerts", project_id))  # type: ignore[misc]
    if any(alert.is_unrouted for alert in alerts):
        transaction.on_commit(lambda: kick("alerts"))


def _metadata(known: dict[str, object], trigger: Trigger) -> dict[str, object]:
    occasion = {"occasion": trigger.occasion} if trigger.occasion else {}
    return {**known, **trigger.metadata, **occasion}


def _key(trigger: Trigger) -> tuple[int, str]:
    return trigger.project_id, trigger.dedup_key
