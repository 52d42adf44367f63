"""Reads: which releases are shown, and what stands against deleting one."""

from django.db.models import Q, QuerySet

from tradewatch.errors.models import Issue
from tradewatch.projects.models import Release, ReleaseSighting


def shown(rows: QuerySet[Release]) -> QuerySet[Release]:
    """Return those that are not archived; a release of which nothing was told is not."""
    return rows.filter(detail__archived_at=None)


def archived(rows: QuerySet[Release]) -> QuerySet[Release]:
    return rows.exclude(detail__archived_at=None).filter(detail__isnull=False)


def why_kept(release: Release) -> str:
    """Return why a release cannot be deleted, in words; empty when it can.

    What clients sent would lose its release, and issues what they say of it.
    """
    if ReleaseSighting.objects.filter(release=release).exists():
        return "clients sent data of it: archive it instead"
    named = Q(first_release=release) | Q(last_release=release) | Q(resolved_in_release=release)
    if Issue.objects.filter(named).exists():
        return "issues name it: archive it instead"
    return ""
