"""What others ask about issues and the error rate. Numbers come from rollups: nothing counts the events table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import QuerySet

from tradewatch.core.windows import Window
from tradewatch.errors.choices import IssueState
from tradewatch.errors.models import Issue, TagCount
from tradewatch.errors.rollups import OF_ISSUE
from tradewatch.metrics import queries as metrics

Source = Literal["transactions", "sessions", "none"]
RATES: tuple[tuple[Source, str, str], ...] = (  # the first that anything was sent of
    ("transactions", "transactions", "transactions.failed"),
    ("sessions", "sessions", "sessions.errored"),
)


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """`ratio` from 0.0 to 1.0; None without traffic: silence is unknown, not healthy.

    `failed` and `total` are weighted by the clients' sample rates; `counted` is how many requests (or sessions, by
    `source`) were really received.
    """

    ratio: float | None
    failed: float
    total: float
    counted: int
    source: Source


@dataclass(frozen=True, slots=True)
class LoudIssue:
    issue: Issue
    events: int  # within the window asked for


def error_rate(
    project_ids: Sequence[int], *, window: timedelta, now: datetime, environment: str | None = None
) -> ErrorRate:
    """Return the share of failed requests in the whole minutes of the `window` that ends at `now`.

    The running minute is left out. Failed: a status other than ok, cancelled and unknown; where nothing sends
    transactions, sessions that errored or crashed.
    """
    end = int(now.timestamp()) // 60 * 60
    return error_rate_between(project_ids, end - int(window.total_seconds()), end, environment)


def error_rate_between(project_ids: Sequence[int], start: int, end: int, environment: str | None = None) -> ErrorRate:
    """Return the rate of [start, end), epoch seconds of whole minutes: of sessions where no transaction was sent."""
    names = [name for _, *pair in RATES for name in pair]
    counts = metrics.totals(project_ids, names, start, end, environment)
    for source, every, bad in RATES:
        total, failed = counts.get(every, metrics.Totals()), counts.get(bad, metrics.Totals()).weighted
        if total.weighted:
            return ErrorRate(min(1.0, failed / total.weighted), failed, total.weighted, total.count, source=source)
    return ErrorRate(ratio=None, failed=0.0, total=0.0, counted=0, source="none")


def loudest_issues(
    project_ids: Sequence[int], window: Window, environment: str | None = None, *, limit: int = 10
) -> list[LoudIssue]:
    """Return the issues with most events in the window, of any state, the loudest first.

    Merged issues have series of their own, so more are read than asked for, until enough are left without them.
    """
    asked = limit
    while True:
        top = metrics.top_series(project_ids, OF_ISSUE, *_bounds(window), environment=environment, limit=asked)
        events = {int(series.removeprefix(OF_ISSUE)): totals.count for series, totals in top}
        issues = Issue.objects.filter(merged_into=None).select_related("project").in_bulk(list(events))
        if len(issues) >= limit or len(top) < asked:
            break
        asked *= 4
    loud = [LoudIssue(issues[issue_id], count) for issue_id, count in events.items() if issue_id in issues]
    return loud[:limit]


def newest_issues(project_ids: Sequence[int], environment: str | None = None, *, limit: int = 10) -> QuerySet[Issue]:
    """Return the open issues that were first seen last."""
    issues = Issue.objects.filter(project__in=project_ids, state=IssueState.UNRESOLVED, merged_into=None)
    issues = issues.select_related("project")
    if environment is not None:
        seen_there = TagCount.objects.filter(key="environment", value=environment)
        issues = issues.filter(pk__in=seen_there.values("issue"))
    return issues.order_by("-first_seen_at")[:limit]


def issue_series(
    issue: Issue, window: Window, *, resolution: int = 3600, environment: str | None = None
) -> list[tuple[int, int]]:
    """Return (start in epoch seconds, events) for each step of `resolution` seconds, those without events too."""
    start, end = _bounds(window)
    series = f"{OF_ISSUE}{issue.pk}"
    points = metrics.series_points([issue.project_id], series, start, end, resolution, environment)
    counts = {at: count for at, count, _ in points}
    return [(at, counts.get(at, 0)) for at in range(start // resolution * resolution, end, resolution)]


def _bounds(window: Window) -> tuple[int, int]:
    """Whole minutes, the running one included: an event is seen in the second after it came."""
    return int(window.start.timestamp()) // 60 * 60, -(-int(window.end.timestamp()) // 60) * 60
