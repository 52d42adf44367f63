"""Counts made from the stored events alone, by plain Python, to hold the kept counters against."""

from collections import Counter as Tally

from django.db.models import Sum

from tests.errors.documents import NOW
from tradewatch.errors.models import Event, Issue, IssueUser, TagCount
from tradewatch.metrics.models import Counter, Resolution

__all__ = ["NOW", "assert_counts_are_true", "counted", "kept"]


def family(issue: Issue) -> set[int]:
    """The issue and all below it, found by looking at every pointer there is."""
    pointers = dict(Issue.objects.values_list("pk", "merged_into"))
    found = {issue.pk}
    while more := {pk for pk, into in pointers.items() if into in found} - found:
        found |= more
    return found


def counted(issue: Issue) -> dict[str, object]:
    """Return what the stored events say of an issue: nothing dropped, nothing deleted is assumed."""
    events = list(Event.objects.filter(issue__in=family(issue)).select_related("stored"))
    tags: Tally[tuple[str, str]] = Tally()
    minutes: Tally[int] = Tally()
    for event in events:
        payload = event.payload
        tags.update((str(key), str(value)) for key, value in payload["tags"].items())  # type: ignore[attr-defined]
        minutes[int(event.timestamp.timestamp()) // 60 * 60] += 1
    return {
        "events": len(events),
        "tags": dict(tags),
        "minutes": dict(minutes),
        "first": min((event.timestamp for event in events), default=None),
        "last": max((event.timestamp for event in events), default=None),
        "users": len(set(IssueUser.objects.filter(issue__in=family(issue)).values_list("user_hash", flat=True))),
    }


def kept(issue: Issue, tag_keys: set[str]) -> dict[str, object]:
    """Return what the counters say."""
    issue.refresh_from_db()
    tags = TagCount.objects.filter(issue=issue, key__in=tag_keys)
    series = Counter.objects.filter(series=f"issue:{issue.pk}")
    hours = series.filter(resolution=Resolution.HOUR).aggregate(n=Sum("count"))["n"] or 0
    minutes = series.filter(resolution=Resolution.MINUTE).values_list("start").annotate(n=Sum("count"))
    assert hours == issue.event_count
    return {
        "events": issue.event_count,
        "tags": {(tag.key, tag.value): tag.count for tag in tags},
        "minutes": dict(minutes),
        "first": issue.first_seen_at,
        "last": issue.last_seen_at,
        "users": issue.user_count,
    }


def assert_counts_are_true() -> None:
    """Hold the counters of every issue, merged or not, against its family's stored events."""
    for issue in Issue.objects.all():
        truth = counted(issue)
        keys = {key for key, _ in truth["tags"]}  # type: ignore[attr-defined]
        assert kept(issue, keys) == truth, f"issue {issue.number}"
