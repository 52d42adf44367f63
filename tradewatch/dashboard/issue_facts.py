"""What the page of one issue reads. Bounded by index and limit: nothing here counts events."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Q

from tradewatch.dashboard import rollups, words
from tradewatch.dashboard.charts import Chart, per_minute_values
from tradewatch.dashboard.ranges import Span, span_ending
from tradewatch.errors.models import Event, Issue, TagCount

MAX_TAGS = 200
VALUES_PER_TAG = 3


@dataclass(frozen=True, slots=True)
class TagShare:
    """How often a value stands among the issue's events that carry its key."""

    key: str
    value: str
    count: int
    ratio: float


def neighbours(event: Event) -> tuple[Event | None, Event | None]:
    """Return the events of the issue before and after this one in time."""
    events = Event.objects.filter(issue=event.issue_id)
    earlier = Q(timestamp__lt=event.timestamp) | Q(timestamp=event.timestamp, pk__lt=event.pk)
    later = Q(timestamp__gt=event.timestamp) | Q(timestamp=event.timestamp, pk__gt=event.pk)
    return (
        events.filter(earlier).order_by("-timestamp", "-pk").first(),
        events.filter(later).order_by("timestamp", "pk").first(),
    )


def tag_shares(issue: Issue) -> list[tuple[str, list[TagShare]]]:
    """Return each tag's most frequent values, the tags by name. A share is of the events that carry the tag."""
    rows = TagCount.objects.filter(issue=issue).order_by("key", "-count", "value")[:MAX_TAGS]
    shares = []
    for key, counts in groupby(rows, key=lambda row: row.key):
        values = list(counts)
        every = sum(row.count for row in values) or 1
        top = values[:VALUES_PER_TAG]
        shares.append((key, [TagShare(key, row.value, row.count, row.count / every) for row in top]))
    return shares


def events_chart(issue: Issue, *, now: datetime) -> Chart:
    """Return the issue's events: by the minute in its first hours, afterwards by the hour over a day."""
    span = _chart_span(issue, now)
    series = f"issue:{issue.pk}"
    found = rollups.points([issue.project_id], [series], span, environment="")[series]
    unit = "a minute" if span.step_seconds == 60 else "an hour"
    counts = [point.count for point in found]
    return Chart(
        key="issue",
        name=f"events {unit}",
        unit="",
        style="err",
        start=span.epoch_start,
        step=span.step_seconds,
        values=per_minute_values(counts, span) if span.step_seconds == 60 else tuple(float(each) for each in counts),
        finding=f"Events {unit}: up to {words.count(max(counts))}",
        empty="no event in this time",
    )


def _chart_span(issue: Issue, now: datetime) -> Span:
    if now - issue.first_seen_at < timedelta(hours=2) and now - issue.last_seen_at < timedelta(hours=1):
        return span_ending(now, length=timedelta(hours=1), step_seconds=60)
    return span_ending(now, length=timedelta(hours=24), step_seconds=3600)
