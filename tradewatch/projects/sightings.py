"""Which releases and environments a project has, kept as they are seen in what clients send."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewatch.projects.models import Environment, Release, ReleaseSighting
from tradewatch.projects.releases import ReleaseOrder, is_after, order_key

ByProject = tuple[int, str]  # project id, and a version or an environment's name
Place = tuple[int, str]  # release id, environment

# `last_seen_at` is exact to a minute: a row that every batch writes to would make batches wait for each other.
_TOUCH_AFTER = timedelta(minutes=1)
_NEWEST_AMONG = 200  # what was not heard of for so many releases is not the newest


@dataclass(frozen=True, slots=True)
class SeenRelease:
    id: int
    order: ReleaseOrder


def see_releases(seen: Iterable[ByProject], *, now: datetime) -> Mapping[ByProject, SeenRelease]:
    """Return the release of each version, written when it is new. In the caller's transaction; safe against others."""
    wanted = sorted({(project_id, version) for project_id, version in seen if version})
    if not wanted:
        return {}
    known, stale = _known_releases(wanted, now=now)
    missing = [each for each in wanted if each not in known]
    if missing:
        Release.objects.bulk_create(
            (
                Release(
                    project_id=pid, version=version, order_key=order_key(version), first_seen_at=now, last_seen_at=now
                )
                for pid, version in missing
            ),
            ignore_conflicts=True,
        )
        known, _ = _known_releases(wanted, now=now)
    if stale:
        Release.objects.filter(pk__in=stale).update(last_seen_at=now)
    return known


def see_environments(seen: Iterable[ByProject], *, now: datetime) -> None:
    """Write the environments that are new."""
    wanted = {(project_id, name) for project_id, name in seen if name}
    projects, names = {pid for pid, _ in wanted}, {name for _, name in wanted}
    known = Environment.objects.filter(project__in=projects, name__in=names).values_list("project_id", "name")
    missing = sorted(wanted - set(known))
    if missing:
        Environment.objects.bulk_create(
            (Environment(project_id=pid, name=name, first_seen_at=now) for pid, name in missing), ignore_conflicts=True
        )


def see_sightings(seen: Iterable[Place], *, now: datetime) -> None:
    """Write which release was met in which environment. In the caller's transaction; safe against others."""
    wanted = {(release_id, environment) for release_id, environment in seen if environment}
    if not wanted:
        return
    rows = ReleaseSighting.objects.filter(release__in={release_id for release_id, _ in wanted})
    known = {
        (release_id, environment): (pk, at)
        for pk, release_id, environment, at in rows.values_list("id", "release_id", "environment", "last_seen_at")
    }
    ReleaseSighting.objects.bulk_create(
        (
            ReleaseSighting(release_id=release_id, environment=environment, first_seen_at=now, last_seen_at=now)
            for release_id, environment in sorted(wanted - known.keys())
        ),
        ignore_conflicts=True,
    )
    stale = sorted(known[each][0] for each in wanted & known.keys() if known[each][1] < now - _TOUCH_AFTER)
    if stale:
        ReleaseSighting.objects.filter(pk__in=stale).update(last_seen_at=now)


def newest_release_in(project_id: int, environment: str, *, first_seen_since: datetime | None = None) -> str:
    """Return the version that no other met in the environment comes after; empty before the first one.

    With `first_seen_since`, of those alone that were first met there since then.
    """
    sightings = ReleaseSighting.objects.filter(release__project=project_id, environment=environment)
    if first_seen_since is not None:
        sightings = sightings.filter(first_seen_at__gte=first_seen_since)
    newest: ReleaseOrder | None = None
    rows = sightings.order_by("-last_seen_at").values_list("release__version", "release__order_key", "first_seen_at")
    for row in rows[:_NEWEST_AMONG]:
        order = ReleaseOrder(*row)
        if newest is None or is_after(order, newest):
            newest = order
    return newest.version if newest else ""


def newest_release(project_id: int) -> SeenRelease | None:
    """Return the release that no other of the project comes after; None before the first one."""
    newest: SeenRelease | None = None
    for release in Release.objects.filter(project=project_id).order_by("-last_seen_at")[:_NEWEST_AMONG]:
        seen = SeenRelease(release.pk, ReleaseOrder(release.version, release.order_key, release.first_seen_at))
        if newest is None or is_after(seen.order, newest.order):
            newest = seen
    return newest


def _known_releases(
    wanted: Sequence[ByProject], *, now: datetime
) -> tuple[Mapping[ByProject, SeenRelease], Sequence[int]]:
    """Return the known ones of `wanted`, and the ids of those whose `last_seen_at` is due."""
    projects, versions = {pid for pid, _ in wanted}, {version for _, version in wanted}
    rows = Release.objects.filter(project__in=projects, version__in=versions).values_list(
        "id", "project_id", "version", "order_key", "first_seen_at", "last_seen_at"
    )
    known: dict[ByProject, SeenRelease] = {}
    stale = []
    for pk, project_id, version, key, first_seen_at, last_seen_at in rows:
        if (project_id, version) in wanted:
            known[project_id, version] = SeenRelease(pk, ReleaseOrder(version, key, first_seen_at))
            if last_seen_at < now - _TOUCH_AFTER:
                stale.append(pk)
    return known, stale
