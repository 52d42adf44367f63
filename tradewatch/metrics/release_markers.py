"""Marks on charts when a release was first seen."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tradewatch.metrics.markers import MOST, Marker
from tradewatch.projects.models import Release


def release_markers(project_ids: Sequence[int], environment: str, start: int, end: int) -> Iterator[Marker]:
    """Yield a marker for each release whose first event came within [start, end), epoch seconds.

    A release is known by its project, not by environment: in each of them it is marked when any first sent it.
    """
    seen = Release.objects.filter(
        project_id__in=project_ids,
        first_seen_at__gte=datetime.fromtimestamp(start, UTC),
        first_seen_at__lt=datetime.fromtimestamp(end, UTC),
    )
    for version, first_seen_at in seen.order_by("-first_seen_at").values_list("version", "first_seen_at")[:MOST]:
        yield Marker(int(first_seen_at.timestamp()), short_version(version), f"{version} first seen")


def short_version(version: str) -> str:
    """Return `2.0.1` of `trading-api@2.0.1`, and the first 10 characters of a hash or another long name."""
    short = version.rpartition("@")[2] or version
    return short if len(short) <= 14 else short[:10] + "…"
