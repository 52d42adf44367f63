"""The issues met in one transaction, with how many of their events came from it in the page's range."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import F
from django.urls import reverse

from tradewatch.dashboard import words
from tradewatch.dashboard.issue_list.ranking import read_events
from tradewatch.dashboard.performance.reading import Asked
from tradewatch.errors.families import events_of
from tradewatch.errors.models import Issue
from tradewatch.errors.search.terms import term

SHOWN, CANDIDATES = 6, 50
MOST_LOOKED_AT = 2000  # events of an issue that other transactions met too


@dataclass(frozen=True, slots=True)
class IssueLine:
    """`events` ends in `+` where the newest 2,000 events of the range alone were looked at."""

    issue: Issue
    events: str
    href: str


def issue_lines(asked: Asked) -> list[IssueLine]:
    """Return the issues of which events came from this transaction in this range, most events first."""
    candidates = _candidates(asked)
    in_range = read_events(
        asked.project_ids, [issue.pk for issue, _ in candidates], asked.span, asked.environment or ""
    )
    loudest = sorted(candidates, key=lambda each: -in_range.get(each[0].pk, 0))
    counted = [
        (issue, *_count(issue, asked, in_range[issue.pk], is_alone=here >= issue.event_count))
        for issue, here in loudest[: 2 * SHOWN]
        if in_range.get(issue.pk)
    ]
    counted.sort(key=lambda each: -each[1])
    return [
        IssueLine(issue, words.count(events) + ("+" if is_cut else ""), _events_href(issue, asked))
        for issue, events, is_cut in counted[:SHOWN]
        if events
    ]


def _candidates(asked: Asked) -> Sequence[tuple[Issue, int]]:
    """Return (issue, how many of its events ever came from this transaction), most first."""
    issues = Issue.objects.filter(
        project__in=asked.project_ids,
        merged_into=None,
        last_seen_at__gte=asked.span.start,
        tag_counts__key="transaction",
        tag_counts__value=asked.name,
    )
    rows = issues.select_related("project").annotate(events_here=F("tag_counts__count"))
    return [(issue, issue.events_here) for issue in rows.order_by("-events_here", "-pk")[:CANDIDATES]]


def _count(issue: Issue, asked: Asked, in_range: int, *, is_alone: bool) -> tuple[int, bool]:
    """Return how many events came from this transaction, and whether there may be more.

    Where all events of an issue ever came from it, the rollup has counted them; else the newest are looked at.
    """
    if is_alone:
        return in_range, False
    span = asked.span
    recent = events_of(issue).filter(timestamp__gte=span.start, timestamp__lt=span.end)
    if asked.environment:
        recent = recent.filter(environment=asked.environment)
    names = list(recent.order_by("-timestamp").values_list("transaction", flat=True)[:MOST_LOOKED_AT])
    return names.count(asked.name or ""), len(names) == MOST_LOOKED_AT


def _events_href(issue: Issue, asked: Asked) -> str:
    query = {**asked.scope.values(), "tab": "events", "q": term("transaction", asked.name or "").text}
    return f"{reverse('issue', args=[issue.pk])}?{urlencode(query)}"
