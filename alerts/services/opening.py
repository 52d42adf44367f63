"""One open alert per (project, dedup key): the partial unique index promises it, this module lives with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from alerts.choices import SEVERITY_RANK, AlertSeverity, AlertState, EntryKind
from alerts.classification import Classification
from alerts.models import Alert, TimelineEntry
from alerts.services.classifying import Classifier
from alerts.timeline import entry
from alerts.trigger import Trigger
from alerts.words import one_line
from tradewatch.core import bulk
from tradewatch.core.kick import kick
from tradewatch.core.live import push

FEW = 20  # from here on raw rows, whose ids are then read, take less than Django's statement that gives them back
COUNTED = ["severity", "is_unrouted", "count", "last_at", "expires_at", "message", "metadata"]
Classified = tuple[Trigger, Classification]
Key = tuple[int, str]  # project, dedup key


@transaction.atomic(savepoint=False)
def open_or_update(trigger: Trigger, *, now: datetime) -> tuple[Alert, bool]:
    """Open the alert of the trigger's key, or count the trigger on the open one. Returns (alert, whether it is new)."""
    return _open_one(Classifier().apply(trigger), now=now)


@transaction.atomic
def open_many(
    triggers: Sequence[Trigger], *, now: datetime, known: Mapping[Key, Alert] | None = None
) -> list[tuple[Alert, bool]]:
    """Do the same for many triggers, each of another key, with few statements. Returns in the order of keys.

    `known`: the open alerts of these keys, where the caller has locked them already.
    """
    classifier = Classifier()
    asked = [classifier.apply(trigger) for trigger in sorted(triggers, key=_key)]
    if known is None:
        known = lock_open_alerts([_key(trigger) for trigger in triggers])
    done = {key: (known[key], False) for trigger in triggers if (key := _key(trigger)) in known}
    _count_many([(known[_key(one[0])], one) for one in asked if _key(one[0]) in done], now=now)
    new = [one for one in asked if _key(one[0]) not in done]
    try:
        with transaction.atomic():
            before = _newest_before([trigger for trigger, _ in new])
            opened = [(alert, True) for alert in _insert_many(new, before, now=now)]
    except IntegrityError:  # another process opened one of them within this instant
        opened = [_open_one(one, now=now) for one in new]
    done |= {(alert.project_id, alert.dedup_key): (alert, is_new) for alert, is_new in opened}
    return [done[_key(one[0])] for one in asked]


def lock_open_alert(project_id: int, dedup_key: str) -> Alert | None:
    """Return the open alert of the key, locked until the transaction ends."""
    # no_key: timeline and outbox rows that point at the alert may still be written by others.
    rows = Alert.objects.select_for_update(no_key=True).filter(project_id=project_id, dedup_key=dedup_key)
    return rows.exclude(state=AlertState.RESOLVED).first()


def lock_open_alerts(keys: Sequence[Key]) -> dict[Key, Alert]:
    """Return the open alerts of many keys, locked in the order of keys until the transaction ends."""
    locked = _open_of(keys).order_by("project_id", "dedup_key").select_for_update(no_key=True)
    wanted = set(keys)  # the rows are of all pairs of these projects and these keys
    return {key: alert for alert in locked if (key := (alert.project_id, alert.dedup_key)) in wanted}


def _open_of(keys: Sequence[Key]) -> QuerySet[Alert]:
    projects, names = {project_id for project_id, _ in keys}, {name for _, name in keys}
    return Alert.objects.filter(project__in=projects, dedup_key__in=names).exclude(state=AlertState.RESOLVED)


def _open_one(one: Classified, *, now: datetime) -> tuple[Alert, bool]:
    trigger = one[0]
    alert = _lock_newest(*_key(trigger))
    if alert is None or not alert.is_open:
        before = {} if alert is None else {_key(trigger): alert.pk}
        try:
            with transaction.atomic():
                return _insert_many([one], before, now=now)[0], True
        except IntegrityError:
            alert = lock_open_alert(*_key(trigger))
            if alert is None:  # opened and ended by others within this instant: let the caller's transaction run again
                raise
    _count_many([(alert, one)], now=now)
    return alert, False


def _lock_newest(project_id: int, dedup_key: str) -> Alert | None:
    """Return the newest alert of the key, locked: the open one, if one is."""
    rows = Alert.objects.select_for_update(no_key=True).filter(project_id=project_id, dedup_key=dedup_key)
    return rows.order_by("-id").first()


def _insert_many(asked: Sequence[Classified], before: Mapping[Key, int], *, now: datetime) -> list[Alert]:
    """Insert alerts whose keys nobody holds; `before` are the ids of the last of each key that had one."""
    alerts = _write([_new(*one, previous_id=before.get(_key(one[0]))) for one in asked])
    entries: list[TimelineEntry] = []
    for alert, (trigger, said) in zip(alerts, asked, strict=True):
        entries += [
            entry(alert, EntryKind.FIRED, reason, now=now, actor_label=trigger.actor_label)
            for reason in trigger.reasons
        ]
        if said.reason:
            entries.append(entry(alert, EntryKind.CLASSIFIED, said.reason, now=now))
    bulk.insert_objects(entries)
    _on_commit(alerts)
    return alerts


def _write(alerts: list[Alert]) -> list[Alert]:
    """Insert the alerts and give them their ids."""
    if len(alerts) < FEW:
        return Alert.objects.bulk_create(alerts)
    bulk.insert_objects(alerts)
    keys = [(alert.project_id, alert.dedup_key) for alert in alerts]
    ids = {(row[0], row[1]): row[2] for row in _open_of(keys).values_list("project_id", "dedup_key", "pk")}
    for alert in alerts:
        alert.pk, alert._state.adding = ids[(alert.project_id, alert.dedup_key)], False
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
        simulated=trigger.simulated,
        classification_id=said.rule_id,
        classified_by=one_line(said.rules, limit=300),
        team_id=said.team_id,
        previous_id=previous_id,
        starts_at=trigger.since or trigger.at,
        last_at=trigger.at,
        expires_at=None if trigger.expires_after is None else trigger.at + trigger.expires_after,
    )


def _count_many(pairs: Sequence[tuple[Alert, Classified]], *, now: datetime) -> None:
    """Count triggers on locked alerts. One that makes its alert worse sends it through the routes again."""
    counted = [(alert, one[0]) for alert, one in pairs if _is_news(alert, one[0])]
    bulk.insert_objects([raised for alert, trigger in counted if (raised := _count(alert, trigger, now=now))])
    alerts = [alert for alert, _ in counted]
    if len(alerts) < FEW:
        for alert in alerts:
            alert.save(update_fields=COUNTED)
    else:
        bulk.update_objects(alerts, COUNTED)
    _on_commit(alerts)


def _is_news(alert: Alert, trigger: Trigger) -> bool:
    return not trigger.occasion or alert.metadata.get("occasion") != trigger.occasion


def _count(alert: Alert, trigger: Trigger, *, now: datetime) -> TimelineEntry | None:
    """Count a trigger on the locked, unsaved `alert`. Returns what its timeline says of it; mostly that is nothing."""
    alert.count += trigger.count
    alert.last_at = max(alert.last_at, trigger.at)
    if trigger.expires_after is not None:
        alert.expires_at = alert.last_at + trigger.expires_after
    alert.message = trigger.message or alert.message
    alert.metadata = _metadata(alert.metadata, trigger)
    if SEVERITY_RANK[trigger.severity] <= SEVERITY_RANK[AlertSeverity(alert.severity)]:
        return None
    text = f"Raised from {alert.severity} to {trigger.severity}. {' '.join(trigger.reasons)}"
    alert.severity, alert.is_unrouted = trigger.severity, True
    return entry(alert, EntryKind.RAISED, text, now=now, actor_label=trigger.actor_label)


def _on_commit(alerts: Sequence[Alert]) -> None:
    for project_id in sorted({alert.project_id for alert in alerts}):
        transaction.on_commit(lambda project_id=project_id: push("alerts", project_id))  # type: ignore[misc]
    if any(alert.is_unrouted for alert in alerts):
        transaction.on_commit(lambda: kick("alerts"))


def _metadata(known: dict[str, object], trigger: Trigger) -> dict[str, object]:
    occasion = {"occasion": trigger.occasion} if trigger.occasion else {}
    return {**known, **trigger.metadata, **occasion}


def _key(trigger: Trigger) -> Key:
    return trigger.project_id, trigger.dedup_key
