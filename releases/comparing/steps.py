"""Which releases lie between two versions. Reads."""

from datetime import UTC, datetime

from django.db.models import Exists, OuterRef

from releases.notes.ranges import releases_called
from tradewatch.projects.models import Release, ReleaseSighting
from tradewatch.projects.releases import ReleaseOrder, is_after, package_of

MOST = 5_000  # releases of a project that are looked through: the newest


def release_of(project_id: int, version: str) -> Release | None:
    """Return the release of that version that clients sent, the one heard of last; else one that was only told of."""
    rows = releases_called(project_id, version).annotate(
        is_met=Exists(ReleaseSighting.objects.filter(release=OuterRef("pk")))
    )
    return rows.order_by("-is_met", "-last_seen_at", "-id").first()


def releases_up_to(project_id: int, older: Release | None, newer: Release | None) -> list[Release]:
    """Return the releases of the newer one's package after `older` up to and with `newer`, the newest first.

    Where no client sent anything of `older`, or it is the later one: `newer` alone.
    """
    if newer is None:
        return []
    if older is None or not is_after(_order(newer), _order(older)):
        return [newer]
    package = package_of(newer.version)
    rows = Release.objects.filter(project=project_id).exclude(pk__in=[older.pk, newer.pk]).order_by("-first_seen_at")
    between = [
        row
        for row in rows[:MOST]
        if package_of(row.version) == package
        and is_after(_order(row), _order(older))
        and is_after(_order(newer), _order(row))
    ]
    return [newer, *sorted(between, key=lambda row: (row.order_key, row.first_seen_at), reverse=True)]


def _order(row: Release) -> ReleaseOrder:
    return ReleaseOrder(row.version, row.order_key, row.first_seen_at or datetime.min.replace(tzinfo=UTC))
