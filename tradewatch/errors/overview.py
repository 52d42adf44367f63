"""The numbers over a window that `/error-tracking/metrics` answers. All are read from rollups, none from events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from tradewatch.core.windows import Window
from tradewatch.errors.choices import ErrorCategory, ErrorSeverity
from tradewatch.errors.queries import error_rate_between, loudest_issues
from tradewatch.metrics import queries as metrics

MINUTE = 60
MOST_POINTS = 120
STEPS = (60, 300, 900, 3600, 21_600, 86_400)
TOP_ISSUES = 10
TOP_RELEASES = 20


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose numbers: projects, one environment or all, and [start, end) in epoch seconds on whole minutes."""

    project_ids: Sequence[int]
    environment: str | None
    start: int
    end: int

    @property
    def window(self) -> Window:
        return Window(datetime.fromtimestamp(self.start, UTC), datetime.fromtimestamp(self.end, UTC))

    def total(self, series: str) -> metrics.Totals:
        return metrics.total(self.project_ids, series, self.start, self.end, self.environment)

    def totals(self, prefix: str, names: Sequence[str]) -> dict[str, int]:
        """Return {name: count} of the series `prefix` + name that occurred."""
        series = [prefix + name for name in names]
        found = metrics.totals(self.project_ids, series, self.start, self.end, self.environment)
        return {name.removeprefix(prefix): found[name].count for name in series if name in found}

    def top(self, prefix: str, limit: int) -> dict[str, int]:
        found = metrics.top_series(
            self.project_ids, prefix, self.start, self.end, environment=self.environment, limit=limit
        )
        return {series.removeprefix(prefix): totals.count for series, totals in found}


def error_overview(project_ids: Sequence[int], window: Window, environment: str | None) -> dict[str, Any]:
    """Return the window's numbers. It is moved to end with the running minute: what just arrived is in it."""
    scope = _scope(project_ids, window, environment)
    before = _scope(project_ids, window.previous, environment)
    rate = error_rate_between(project_ids, scope.start, scope.end, environment)
    events, previous = scope.total("events").count, before.total("events").count
    return {
        "window_seconds": scope.end - scope.start,
        "start": scope.start,
        "end": scope.end,
        "events": events,
        "users": metrics.users(scope.project_ids, scope.start, scope.end, environment),
        "error_rate": rate.ratio,
        "error_rate_source": rate.source,
        "trend": {"previous": previous, "change_ratio": change_ratio(previous, events)},
        "by_severity": scope.totals("events.severity.", ErrorSeverity.values),
        "by_category": scope.totals("events.category.", ErrorCategory.values),
        "by_release": scope.top("events.release.", TOP_RELEASES),
        "top_issues": _top_issues(scope),
        "series": _series(scope),
    }


def change_ratio(previous: int, now: int) -> float | None:
    """Return by how much the count changed: 0.5 is half as many again. None when there was nothing before."""
    return None if previous == 0 else (now - previous) / previous


def step_of(seconds: int) -> int:
    """Return the bucket length in seconds that draws a window of `seconds` in at most 120 points, if any does."""
    return next((step for step in STEPS if seconds <= step * MOST_POINTS), STEPS[-1])


def _scope(project_ids: Sequence[int], window: Window, environment: str | None) -> Scope:
    end = -(-int(window.end.timestamp()) // MINUTE) * MINUTE
    length = max(MINUTE, window.seconds // MINUTE * MINUTE)
    return Scope(project_ids, environment, end - length, end)


def _top_issues(scope: Scope) -> list[dict[str, Any]]:
    """The loudest issues of the window; their users are counted over all time."""
    return [
        {
            "id": loud.issue.pk,
            "title": loud.issue.title,
            "events": loud.events,
            "users": loud.issue.user_count,
            "severity": loud.issue.severity,
            "category": loud.issue.category,
            "url": settings.PUBLIC_URL + loud.issue.get_absolute_url(),
        }
        for loud in loudest_issues(scope.project_ids, scope.window, scope.environment, limit=TOP_ISSUES)
    ]


def _series(scope: Scope) -> list[dict[str, int]]:
    step = step_of(scope.end - scope.start)
    events = _points(scope, "events", step)
    requests = _points(scope, "transactions", step)
    return [
        {"start": start, "events": events.get(start, 0), "requests": requests.get(start, 0)}
        for start in range(scope.start // step * step, scope.end, step)
    ]


def _points(scope: Scope, series: str, step: int) -> dict[int, int]:
    points = metrics.series_points(scope.project_ids, series, scope.start, scope.end, step, scope.environment)
    return {start: count for start, count, _ in points}
