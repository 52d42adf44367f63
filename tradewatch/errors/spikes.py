"""Keeps a spike of one issue from filling the disk: above a project's limit an event is counted, not stored."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Sum

from tradewatch.errors.drafts import Draft
from tradewatch.metrics.models import Counter, Resolution

IssueMinute = tuple[int, int]  # issue id, start of the minute in epoch seconds


def above_the_limit(drafts: Sequence[Draft], issue_ids: Sequence[int]) -> frozenset[int]:
    """Return the positions of the drafts that are counted only.

    A minute is one of the events' own clock, as in the charts; every event of the issue counts towards its limit.
    """
    limited = [at for at, draft in enumerate(drafts) if draft.spike_limit is not None]
    if not limited:
        return frozenset()
    counts = dict(_counts_so_far((drafts[at].project_id, issue_ids[at], drafts[at].minute) for at in limited))
    above = set()
    for at in limited:
        minute = (issue_ids[at], drafts[at].minute)
        if counts.get(minute, 0) >= (drafts[at].spike_limit or 0):
            above.add(at)
        counts[minute] = counts.get(minute, 0) + 1
    return frozenset(above)


def _counts_so_far(wanted: Iterable[tuple[int, int, int]]) -> Mapping[IssueMinute, int]:
    places = set(wanted)
    issues = {f"issue:{issue_id}": issue_id for _, issue_id, _ in places}
    rows = (
        Counter.objects.filter(
            project_id__in={project_id for project_id, _, _ in places},
            series__in=issues,
            resolution=Resolution.MINUTE,
            start__in={minute for _, _, minute in places},
        )
        .values_list("series", "start")
        .annotate(events=Sum("count"))
    )
    return {(issues[series], start): events for series, start, events in rows}
