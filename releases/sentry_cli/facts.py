"""What is known of releases, read at once for a whole list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from releases.models import Commit, ReleaseCommit, ReleaseDetail
from releases.queries import issue_counts
from tradewatch.projects.models import Release, ReleaseSighting


@dataclass(frozen=True, slots=True)
class Facts:
    """`detail` None: nothing was told of it. `head`: its newest commit."""

    release: Release
    detail: ReleaseDetail | None
    new_issues: int
    is_seen: bool
    commit_count: int
    head: Commit | None


def facts_of(releases: Sequence[Release]) -> list[Facts]:
    """Return the facts of each, in the given order. Their projects are read with them."""
    ids = [each.pk for each in releases]
    details = ReleaseDetail.objects.in_bulk(ids)
    counts, seen = issue_counts(ids), _seen(ids)
    commits, heads = _commit_counts(ids), _heads(ids)
    return [
        Facts(
            release=each,
            detail=details.get(each.pk),
            new_issues=counts[each.pk].new,
            is_seen=each.pk in seen,
            commit_count=commits.get(each.pk, 0),
            head=heads.get(each.pk),
        )
        for each in releases
    ]


def _seen(ids: Sequence[int]) -> set[int]:
    return set(ReleaseSighting.objects.filter(release__in=ids).values_list("release_id", flat=True))


def _commit_counts(ids: Sequence[int]) -> Mapping[int, int]:
    rows = ReleaseCommit.objects.filter(release__in=ids).order_by().values_list("release_id")
    return dict(rows.annotate(Count("pk")))


def _heads(ids: Sequence[int]) -> Mapping[int, Commit]:
    rows = ReleaseCommit.objects.filter(release__in=ids, position=0).select_related("commit__repository")
    return {row.release_id: row.commit for row in rows}
