"""The requests that are compared: failing ones are the issue's newest events; passing ones are kept transactions.

Bounded: at most so many documents are unpacked, taken evenly over the time of the failing ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from debugging.contexts.subjects import Subject
from tradewatch.errors.families import events_of, family_ids
from tradewatch.errors.models import Event, Issue
from tradewatch.performance.models import KeptTransaction
from tradewatch.performance.traces.kept_queries import document_of

SAMPLE, LISTED = 200, 5000
AROUND = timedelta(hours=1)  # before the first and after the last failing one

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Samples:
    """`passing` are `what`: requests that passed, or, where too few of those are kept, other errors of the project."""

    failing: Sequence[Mapping[str, Any]]
    passing: Sequence[Mapping[str, Any]]
    what: str


def read_samples(subject: Subject, issue: Issue, *, least_passing: int) -> Samples:
    events = list(
        events_of(issue)
        .filter(environment=subject.environment)
        .select_related("stored")
        .order_by("-timestamp", "-pk")[:SAMPLE]
    )
    failing = [event.payload for event in events]
    if not events:
        return Samples([], [], "requests that passed")
    start, end = events[-1].timestamp - AROUND, events[0].timestamp + AROUND
    passed = KeptTransaction.objects.filter(
        project=subject.project,
        name=subject.transaction,
        environment=subject.environment,
        started_at__range=(start, end),
        is_failed=False,
        has_error=False,
    )
    if subject.release:  # another release is another question, which a step of its own asks
        passed = passed.filter(release=subject.release)
    rows = _spread(passed.select_related("stored")) if subject.transaction else []
    if len(rows) >= least_passing:
        return Samples(failing, [document_of(row) for row in rows], "requests that passed")
    others = Event.objects.filter(
        project=subject.project, environment=subject.environment, is_simulated=False, timestamp__range=(start, end)
    ).exclude(issue__in=family_ids(issue))
    return Samples(failing, [row.payload for row in _spread(others.select_related("stored"))], "other errors")


def _spread(rows: QuerySet[Row]) -> list[Row]:
    """Return at most `SAMPLE` of the newest `LISTED`, at even steps."""
    time = "started_at" if rows.model is KeptTransaction else "timestamp"
    keys = list(rows.order_by(f"-{time}", "-pk").values_list("pk", flat=True)[:LISTED])
    step = max(1, -(-len(keys) // SAMPLE))
    return list(rows.filter(pk__in=keys[::step]))
