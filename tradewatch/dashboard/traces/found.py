"""What was found in traces, as lines of a table that any page may show. See `_found.html`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.traces.wording import BADGES, fine
from tradewatch.dashboard.words import count, plural, seconds, size
from tradewatch.performance.models import TraceFinding
from tradewatch.performance.traces.choices import FindingKind
from tradewatch.performance.traces.finding_queries import found_in_traces
from tradewatch.performance.traces.limits import DEFAULT_LIMITS, Limits
from tradewatch.performance.traces.thresholds import finding_limits

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


def limit_words(limits: Limits) -> str:
    """Return from which on something is found, as the foot of the list says it."""
    return (
        f"Found: the same query {limits.repeats} times under one span and {seconds(limits.repeats_seconds)} in all, "
        f"a query of {seconds(limits.query_seconds)}, a request of {seconds(limits.http_seconds)}, "
        f"an answer of {size(limits.answer_bytes)}."
    )


def limits_context(scope: Scope) -> dict[str, str]:
    """Return what the foot of the list says of the one project that is shown, and where to change it."""
    if scope.project is None:
        return {}
    known = finding_limits([scope.project.pk])
    if scope.project.pk in known:
        href = reverse("admin:performance_performancesettings_change", args=[scope.project.pk])
    else:
        href = f"{reverse('admin:performance_performancesettings_add')}?{urlencode({'project': scope.project.slug})}"
    return {"limits": limit_words(known.get(scope.project.pk, DEFAULT_LIMITS)), "limits_href": href}


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
