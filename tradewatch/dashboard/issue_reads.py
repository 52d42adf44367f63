"""What the list of issues reads. Bounded by index and limit: nothing here counts events."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from tradewatch.errors.models import Issue, TagCount


@dataclass(frozen=True, slots=True)
class Sort:
    label: str
    order: tuple[str, ...]


SORTS = {
    "last_seen": Sort("Last seen", ("-last_seen_at", "-id")),
    "newest": Sort("Newest", ("-first_seen_at", "-id")),
    "loudest": Sort("Loudest", ("-event_count", "-id")),
}


def find_issues(project_ids: Sequence[int], *, state: str | None, search: str, environment: str) -> QuerySet[Issue]:
    """Return issues in `state`; with `environment`, those that it has ever met (by their tag counts)."""
    rows = Issue.objects.filter(project_id__in=project_ids, state=state, merged_into=None)
    rows = rows.select_related("project", "first_release")
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(culprit__icontains=search))
    if environment:
        met = TagCount.objects.filter(issue=OuterRef("pk"), key="environment", value=environment)
        rows = rows.filter(Exists(met))
    return rows
