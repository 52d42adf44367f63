"""What was found in traces, as lines of a table that any page may show. See `_found.html`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.traces.wording import BADGES, fine
from tradewatch.dashboard.words import count, plural
from tradewatch.performance.models import TraceFinding
from tradewatch.performance.traces.choices import FindingKind
from tradewatch.performance.traces.finding_queries import found_in_traces

SHOWN = 50
SINCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class FoundLine:
    badge: str
    transaction: str
    service: str
    pattern: str
    project: str
    traces: str
    failed: str
    cost: str
    cost_detail: str
    last_seen_at: datetime
    example: str


def found_lines(
    scope: Scope, *, now: datetime, transaction: str | None = None, limit: int = SHOWN
) -> Sequence[FoundLine]:
    """Return what was met in the last seven days, the costliest first."""
    found = found_in_traces(
        scope.project_ids, since=now - SINCE, environment=scope.environment or None, transaction=transaction
    )
    several = len(scope.project_ids) > 1
    return [_line(row, row.project.name if several else "") for row in found[:limit]]


def _line(row: TraceFinding, project: str) -> FoundLine:
    each = row.cost_seconds / row.count if row.count else 0.0
    return FoundLine(
        badge=BADGES[FindingKind(row.kind)],
        transaction=row.transaction,
        service=row.service,
        pattern=row.pattern,
        project=project,
        traces=plural(row.count, "trace"),
        failed=f"{count(row.failed_count)} failed" if row.failed_count else "",
        cost=fine(each),
        cost_detail=f"{fine(row.cost_seconds)} in {plural(row.count, 'trace')}",
        last_seen_at=row.last_seen_at,
        example=row.example_trace_id,
    )


def history_words(row: TraceFinding) -> str:
    """Return how often and since when a finding is met."""
    since = f" since {row.first_release}" if row.first_release else ""
    return f"In {plural(row.count, 'kept trace')} of {row.transaction}{since}, first on {row.first_seen_at:%-d %b}."
