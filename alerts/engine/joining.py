"""Alerts that come together with one whose group is open join that group, instead of opening one of their own.

Only within a project and a route, so that nobody else is told than would have been. An alert whose own group is open
already goes there as ever; one that joined stays where it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from alerts.choices import GroupState
from alerts.engine.places import Place
from alerts.models import Companion, GroupMember

Spot = tuple[int, int, str]  # project id, route id, key of an alert or of a group


def led_together(places: Sequence[Place]) -> list[Place]:
    """Return the places, each with the group that it goes to and, where it was led there, why."""
    asking = [place for place in places if place.destination.settings.joins]
    companions = _companions(asking)
    if not companions:
        return list(places)
    members = _members(places, companions)
    opened: dict[Spot, Place] = {}  # by this batch, by the alert's key
    groups = {(spot[0], spot[1], key) for spot, found in members.items() for key, _, _ in found}
    led = []
    for place in places:
        found = _lead(place, companions, members, opened, groups) if place.destination.settings.joins else place
        led.append(found)
        project, route = found.alert.project_id, found.destination.node.id
        opened.setdefault((project, route, found.alert.dedup_key), found)
        groups.add((project, route, found.key))
    return led


def _lead(
    place: Place,
    companions: dict[tuple[int, str], list[tuple[str, str]]],
    members: dict[Spot, list[tuple[str, dict[str, str], str]]],
    opened: dict[Spot, Place],
    groups: set[Spot],
) -> Place:
    project, route, own = place.alert.project_id, place.destination.node.id, place.alert.dedup_key
    for key, labels, came_with in members.get((project, route, own), ()):
        if came_with:
            return replace(place, key=key, labels=labels, came_with=came_with)
    if (project, route, place.key) in groups:
        return place
    for other, why in companions.get((project, own), ()):
        for key, labels, _ in members.get((project, route, other), ()):
            return replace(place, key=key, labels=labels, came_with=why)
        if (before := opened.get((project, route, other))) is not None:
            return replace(place, key=before.key, labels=before.labels, came_with=why)
    return place


def _companions(places: Iterable[Place]) -> dict[tuple[int, str], list[tuple[str, str]]]:
    """Return {(project, key): [(other key, why)]}, what has been known longest first."""
    projects = {place.alert.project_id for place in places}
    keys = {place.alert.dedup_key for place in places}
    found: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    rows = Companion.objects.filter(project__in=projects, dedup_key__in=keys).order_by("since", "pk")
    for project, key, other, why in rows.values_list("project_id", "dedup_key", "other_key", "why"):
        found[project, key].append((other, why))
    return found


def _members(
    places: Sequence[Place], companions: dict[tuple[int, str], list[tuple[str, str]]]
) -> dict[Spot, list[tuple[str, dict[str, str], str]]]:
    """Return {(project, route, an alert's key): [(key of its open group, its labels, what led it there)]}.

    Of the batch's alerts and their companions; and the open groups that the batch would go to anyway, under no key.
    """
    keys = {key for _, key in companions} | {other for found in companions.values() for other, _ in found}
    rows = GroupMember.objects.filter(group__project__in={place.alert.project_id for place in places})
    rows = rows.exclude(group__state=GroupState.ENDED).order_by("group_id", "pk")
    columns = ("group__project_id", "group__route_id", "alert__dedup_key", "group__key", "group__labels", "came_with")
    found: dict[Spot, list[tuple[str, dict[str, str], str]]] = defaultdict(list)
    for project, route, key, group, labels, came_with in rows.filter(alert__dedup_key__in=keys).values_list(*columns):
        found[project, route or 0, key].append((group, labels, came_with))
    own = rows.filter(group__key__in={place.key for place in places}).values_list(*columns)
    for project, route, _, group, labels, _ in own.distinct():
        found[project, route or 0, ""].append((group, labels, ""))
    return found
