"""Reads: artifacts without their content, and what they take."""

from collections.abc import Iterable

from django.db.models import QuerySet, Sum

from releases.models import ReleaseArtifact
from tradewatch.projects.models import Release


def artifacts_of(releases: Iterable[Release]) -> QuerySet[ReleaseArtifact]:
    """Return the artifacts by name; their content is read where it is asked for."""
    rows = ReleaseArtifact.objects.filter(release__in=[each.pk for each in releases])
    return rows.defer("content").order_by("name", "dist", "id")


def bytes_of(release: Release) -> int:
    total: int | None = artifacts_of([release]).aggregate(total=Sum("size"))["total"]
    return total or 0
