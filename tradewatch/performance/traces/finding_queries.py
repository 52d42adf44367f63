"""What was found in traces, for pages. Give the projects that the user may see."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from tradewatch.performance.models import TraceFinding
from tradewatch.performance.traces.choices import FindingKind

Place = tuple[int, str, str, str]  # project, transaction, kind, pattern


def found_in_traces(
    project_ids: Sequence[int],
    *,
    since: datetime,
    environment: str | None = None,
    transaction: str | None = None,
    kind: FindingKind | None = None,
) -> QuerySet[TraceFinding]:
    """Return what was met since a moment, the costliest first. Cut it, or page it further."""
    found = TraceFinding.objects.filter(project__in=project_ids, last_seen_at__gte=since)
    if environment:
        found = found.filter(environment=environment)
    if transaction is not None:
        found = found.filter(transaction=transaction)
    if kind is not None:
        found = found.filter(kind=kind)
    return found.select_related("project").order_by("-cost_seconds", "-pk")


def known_findings(project_ids: Sequence[int], patterns: Sequence[str]) -> dict[Place, TraceFinding]:
    """Return the findings over all kept traces by place; of several environments the one met last."""
    rows = TraceFinding.objects.filter(project__in=project_ids, pattern__in=[each[:500] for each in patterns])
    rows = rows.order_by("last_seen_at")[:500]
    return {(row.project_id, row.transaction, row.kind, row.pattern): row for row in rows}
