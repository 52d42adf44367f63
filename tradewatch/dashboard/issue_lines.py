"""Issues as lists show them: mark, type and message, why it stands out, how loud it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewatch.dashboard import rollups
from tradewatch.dashboard.ranges import span_ending
from tradewatch.errors.choices import ErrorCategory, IssueState
from tradewatch.errors.models import Issue

SPARK_HOURS = 24
NEW_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class IssueLine:
    """`events` are those of the list's range. `spark` has an hour a bar; from `hot_from` on the issue is new."""

    id: int
    number: int
    project: str
    type: str
    message: str
    culprit: str
    category: str
    severity: str
    badge: str
    badge_style: str
    events: int
    users: int
    first_seen_at: datetime
    last_seen_at: datetime
    spark: tuple[int, ...]
    hot_from: int | None

    @property
    def spark_label(self) -> str:
        return f"events an hour, last {SPARK_HOURS} h: {sum(self.spark):,}"


def make_lines(issues: Sequence[Issue], *, now: datetime, events: dict[int, int] | None = None) -> list[IssueLine]:
    """Return a line for each of `issues` (with their project and first release loaded), in their order.

    `events` {issue id: events in the range}; without it the line shows all there ever were.
    """
    sparks = _sparks(issues, now=now)
    return [_line(issue, sparks[issue.pk], (events or {}).get(issue.pk), now) for issue in issues]


def _line(issue: Issue, spark: tuple[int, ...], events: int | None, now: datetime) -> IssueLine:
    badge, style = badge_of(issue, now)
    return IssueLine(
        id=issue.pk,
        number=issue.number,
        project=issue.project.name,
        type=issue.exception_type or issue.title,
        message=issue.message if issue.exception_type else "",
        culprit=issue.culprit,
        category=ErrorCategory(issue.category).label,
        severity=issue.severity,
        badge=badge,
        badge_style=style,
        events=issue.event_count if events is None else events,
        users=issue.user_count,
        first_seen_at=issue.first_seen_at,
        last_seen_at=issue.last_seen_at,
        spark=spark,
        hot_from=_hot_from(issue, now),
    )


def badge_of(issue: Issue, now: datetime) -> tuple[str, str]:
    """Return the one thing worth a badge, and its style; both empty for an ordinary open issue."""
    if issue.state == IssueState.RESOLVED:
        return "Resolved", "ok"
    if issue.state == IssueState.IGNORED:
        return "Ignored", "hollow"
    if issue.is_regressed:
        return "Regressed", "warning"
    if now - issue.first_seen_at < NEW_FOR:
        return f"New in {issue.first_release.version}" if issue.first_release else "New", "info"
    return "", ""


def _hot_from(issue: Issue, now: datetime) -> int | None:
    if now - issue.first_seen_at >= NEW_FOR:
        return None
    start = span_ending(now, length=timedelta(hours=SPARK_HOURS), step_seconds=3600).start
    return max(int((issue.first_seen_at - start).total_seconds()) // 3600, 0)


def _sparks(issues: Sequence[Issue], *, now: datetime) -> dict[int, tuple[int, ...]]:
    span = span_ending(now, length=timedelta(hours=SPARK_HOURS), step_seconds=3600)
    found = rollups.points(
        sorted({issue.project_id for issue in issues}),
        [f"issue:{issue.pk}" for issue in issues],
        span,
        environment="",
    )
    return {issue.pk: tuple(point.count for point in found[f"issue:{issue.pk}"]) for issue in issues}
