"""Alerts that are new or changed find their groups: which routes take them, and when those groups look next."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import orjson
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from alerts.choices import SEVERITY_RANK, AlertSeverity, AlertState, EntryKind, GroupState
from alerts.engine.joining import led_together
from alerts.engine.places import Place
from alerts.engine.plans import read_plan, write_plan
from alerts.engine.tree import read_tree
from alerts.models import Alert, AlertGroup, EscalationPolicy, GroupMember, TimelineEntry
from alerts.policies.reading import snapshot
from alerts.policies.snapshot import PolicySnapshot
from alerts.routing import Node, destinations
from alerts.timeline import entry
from alerts.words import duration_words
from tradewatch.core import bulk

BATCH_SIZE = 1_000


def place_unrouted(now: datetime) -> int:
    """Place all alerts that no other process is placing. Returns how many."""
    placed = 0
    while Alert.objects.filter(is_unrouted=True).exists():  # an idle turn takes no write lock
        with transaction.atomic():
            size = _place_batch(now)
        placed += size
        if size == 0:  # others hold the rest
            break
    return placed


def group_key(route_id: int, labels: dict[str, str]) -> str:
    return hashlib.sha256(orjson.dumps([route_id, sorted(labels.items())])).hexdigest()[:40]


def _place_batch(now: datetime) -> int:
    # Prefetched, not joined: ten thousand alerts of one project share one project.
    rows = Alert.objects.filter(is_unrouted=True).order_by("id").prefetch_related("project", "team", "rule")
    alerts = list(rows.select_for_update(skip_locked=True, no_key=True, of=("self",))[:BATCH_SIZE])
    if not alerts:
        return 0
    root = read_tree()
    places = led_together([place for alert in alerts if alert.is_open for place in _places(alert, root)])
    groups = _open_groups(places, now=now)
    _join(places, groups, now=now)
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(is_unrouted=False)
    return len(alerts)


def _places(alert: Alert, root: Node) -> Iterator[Place]:
    known = alert.labels
    for destination in destinations(root, known):
        labels = destination.group_labels(known)
        if alert.simulated:  # a group of its own: it shares nothing with what is real, nor with another simulation
            labels = {**labels, "simulated": alert.dedup_key}
        yield Place(alert, destination, labels, group_key(destination.node.id, labels))


def _open_groups(places: Sequence[Place], *, now: datetime) -> dict[tuple[int, str], AlertGroup]:
    """Return the open group of each place, locked, in the order of keys; what there is none of is opened."""
    wanted = {(place.alert.project_id, place.key): place for place in reversed(places)}
    found = _lock_groups(wanted)
    for key in sorted(set(wanted) - set(found)):
        group = _new_group(wanted[key], now=now)
        try:
            with transaction.atomic():
                group.save()
            found[key] = group
        except IntegrityError:  # another process opened it within this instant
            found |= _lock_groups({key: wanted[key]})
    return found


def _lock_groups(wanted: dict[tuple[int, str], Place]) -> dict[tuple[int, str], AlertGroup]:
    rows = AlertGroup.objects.filter(
        project__in={project for project, _ in wanted}, key__in={key for _, key in wanted}
    ).exclude(state=GroupState.ENDED)
    locked = rows.order_by("id").select_for_update(no_key=True)
    return {(group.project_id, group.key): group for group in locked}


def _new_group(place: Place, *, now: datetime) -> AlertGroup:
    route, settings = place.destination.node, place.destination.settings
    is_critical = place.alert.severity == AlertSeverity.CRITICAL
    # From when it began, as Alertmanager counts: what waited in a queue has waited long enough.
    first_look = now if is_critical else min(now, place.alert.starts_at) + timedelta(0, settings.group_wait or 0)
    return AlertGroup(
        project_id=place.alert.project_id,
        route_id=route.id or None,
        route_path=" > ".join(place.destination.path)[:300],
        key=place.key,
        labels=place.labels,
        simulated=place.alert.simulated,
        plan=write_plan(settings, policy_of(settings.policy_id)),
        opened_at=now,
        look_at=first_look,
        next_due_at=first_look,
    )


def policy_of(policy_id: int | None) -> PolicySnapshot | None:
    policy = EscalationPolicy.objects.filter(pk=policy_id).first() if policy_id is not None else None
    return None if policy is None else snapshot(policy)


def _join(places: Sequence[Place], groups: dict[tuple[int, str], AlertGroup], *, now: datetime) -> None:
    known = set(
        GroupMember.objects.filter(
            group__in=groups.values(), alert__in=[place.alert.pk for place in places]
        ).values_list("group_id", "alert_id")
    )
    members, entries, covered, urgent = [], [], [], set()
    for place in places:
        group = groups[(place.alert.project_id, place.key)]
        is_critical = place.alert.severity == AlertSeverity.CRITICAL
        if is_critical and not group.told_critical:
            urgent.add(group.pk)
        if (group.pk, place.alert.pk) in known:
            continue
        member = GroupMember(group_id=group.pk, alert_id=place.alert.pk, joined_at=now, came_with=place.came_with)
        members.append(member)
        entries.append(entry(place.alert, EntryKind.ROUTED, _routed_words(place, group), now=now))
        if place.came_with:
            entries.append(
                entry(group, EntryKind.ROUTED, f"{place.alert.title[:150]} joins: it {place.came_with}", now=now)
            )
        if said := _cover(place.alert, group, now=now):
            covered.append(place.alert)
            entries.append(said)
    bulk.insert_objects(members)
    bulk.insert_objects(entries)
    bulk.update_objects(covered, ["state", "acknowledged_at", "acknowledged_by"])
    wake(AlertGroup.objects.filter(pk__in=urgent), now=now)


def _cover(alert: Alert, group: AlertGroup, *, now: datetime) -> TimelineEntry | None:
    """Who acknowledged a whole group takes what joins it too, for one repeat interval and if it is no worse.

    Returns the timeline's word of it, unsaved like the alert; None: nobody takes it.
    """
    if group.state != GroupState.ACKNOWLEDGED or not group.covers_later or alert.state != AlertState.FIRING:
        return None
    repeat = read_plan(group.plan).timing.repeat
    worst = SEVERITY_RANK[AlertSeverity(group.acknowledged_severity or AlertSeverity.INFO)]
    is_late = group.acknowledged_at is None or now >= group.acknowledged_at + repeat
    if is_late or SEVERITY_RANK[AlertSeverity(alert.severity)] > worst:
        return None
    alert.state, alert.acknowledged_at, alert.acknowledged_by = AlertState.ACKNOWLEDGED, now, group.acknowledged_by
    text = (
        f"Acknowledged with its group by {group.acknowledged_by}: it joins within {duration_words(repeat)} "
        "and is no worse than what was acknowledged."
    )
    return entry(alert, EntryKind.ACKNOWLEDGED, text, now=now)


def wake(groups: QuerySet[AlertGroup], *, now: datetime) -> None:
    """Make open groups due now, unless they are already. Takes their locks in the order of ids."""
    late = groups.exclude(state=GroupState.ENDED).filter(Q(next_due_at=None) | Q(next_due_at__gt=now))
    ids = list(late.order_by("id").distinct().values_list("pk", flat=True))
    if ids:
        list(AlertGroup.objects.filter(pk__in=ids).order_by("id").select_for_update(no_key=True).values_list("pk"))
        AlertGroup.objects.filter(pk__in=ids).exclude(state=GroupState.ENDED).update(look_at=now, next_due_at=now)


def _routed_words(place: Place, group: AlertGroup) -> str:
    names = ", ".join(f"{name} {value}" for name, value in place.labels.items() if value)
    route = f"Route {group.route_path}: {place.destination.reason}."
    if place.came_with:
        return f"{route} Joins group {group.pk} ({names}) because it {place.came_with}"
    return f"{route} Grouped by {names} (group {group.pk})."
