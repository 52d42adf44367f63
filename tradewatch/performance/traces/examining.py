"""Looks kept transactions through for findings, once each, and counts what is found.

Beside the digest, which has no time for it: a minute's traces are looked at within the next seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from alerts.choices import AlertCategory, AlertSeverity
from alerts.observe import Occurrence, record_occurrences
from tradewatch.performance.models import KeptTransaction, TraceFinding
from tradewatch.performance.traces.findings import Finding, find
from tradewatch.performance.traces.limits import Limits
from tradewatch.performance.traces.thresholds import finding_limits
from tradewatch.performance.traces.whole import spans_of

ROWS_A_STEP = 200
MOST_STEPS = 10  # the next run takes the rest
MOST_FINDINGS = 1000  # of a project: past that, new ones are left alone until old ones are forgotten


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in one kept transaction."""

    row: KeptTransaction
    finding: Finding
    identity: UUID


def examine_kept(*, now: datetime) -> int:
    """Look through what was not yet looked through, the oldest first; return how many transactions that were."""
    examined = 0
    for _ in range(MOST_STEPS):
        step = _examine_step(now=now)
        examined += step
        if step < ROWS_A_STEP:
            break
    return examined


def _examine_step(*, now: datetime) -> int:
    rows = list(
        KeptTransaction.objects.filter(is_examined=False)
        .select_related("stored", "project")
        .order_by("pk")[:ROWS_A_STEP]
    )
    if not rows:
        return 0
    limits = finding_limits({row.project_id for row in rows})
    found = [
        each for row in rows for each in _found_in(row, limits)
    ]  # before the lock: the documents are to be unpacked
    with transaction.atomic():
        mine = _claim([row.pk for row in rows])
        _store([each for each in found if each.row.pk in mine], now=now)
    return len(rows)


def _claim(keys: Sequence[int]) -> set[int]:
    """Return those that nobody else has looked through meanwhile, marked as looked through."""
    unread = KeptTransaction.objects.filter(pk__in=keys, is_examined=False).order_by("pk")
    mine = set(unread.select_for_update().values_list("pk", flat=True))
    KeptTransaction.objects.filter(pk__in=mine).update(is_examined=True)
    return mine


def _found_in(row: KeptTransaction, limits: Mapping[int, Limits]) -> list[Found]:
    """Return what is found; of several parents with the same query in a loop the costliest."""
    found: dict[UUID, Found] = {}
    for finding in find(spans_of(row), limits):
        each = Found(row, finding, _identity(row, finding))
        found.setdefault(each.identity, each)
    return list(found.values())


def _identity(row: KeptTransaction, finding: Finding) -> UUID:
    parts = (row.project_id, row.environment, row.name, finding.kind.value, finding.pattern)
    return UUID(bytes=blake2b(repr(parts).encode(), digest_size=16).digest())


def _store(found: Sequence[Found], *, now: datetime) -> None:
    if not found:
        return
    identities = sorted({each.identity for each in found})
    known = {row.identity: row for row in TraceFinding.objects.select_for_update().filter(identity__in=identities)}
    new = _new_rows(found, known)
    for each in sorted(found, key=lambda each: each.row.started_at):
        row = known.get(each.identity) or new.get(each.identity)
        if row is not None:
            _count(row, each)
    TraceFinding.objects.bulk_update(known.values(), _COUNTED)
    TraceFinding.objects.bulk_create(new.values())
    record_occurrences([_news(row, now=now) for row in new.values()])


_COUNTED = (
    *("first_seen_at", "last_seen_at", "last_release", "count", "failed_count", "span_count", "seconds"),
    *("cost_seconds", "example_trace_id", "example_cost_seconds", "example_count"),
)


def _new_rows(found: Iterable[Found], known: Mapping[UUID, TraceFinding]) -> dict[UUID, TraceFinding]:
    """Return a row for each finding that is not known, as far as its project has room."""
    unknown = {each.identity: each for each in found if each.identity not in known}
    projects = {each.row.project_id for each in unknown.values()}
    counts = TraceFinding.objects.filter(project__in=projects).values_list("project").annotate(n=Count("pk"))
    room = dict.fromkeys(projects, MOST_FINDINGS) | {pk: MOST_FINDINGS - count for pk, count in counts}
    rows: dict[UUID, TraceFinding] = {}
    for identity, each in unknown.items():
        if room[each.row.project_id] > 0:
            room[each.row.project_id] -= 1
            rows[identity] = _row_of(each)
    return rows


def _row_of(found: Found) -> TraceFinding:
    row, finding = found.row, found.finding
    return TraceFinding(
        project_id=row.project_id,
        environment=row.environment,
        transaction=row.name,
        kind=finding.kind,
        service=finding.service[:250],
        op=finding.op[:64],
        pattern=finding.pattern[:500],
        identity=found.identity,
        first_seen_at=row.started_at,
        last_seen_at=row.started_at,
        first_release=row.release,
    )


def _count(row: TraceFinding, found: Found) -> None:
    kept, finding = found.row, found.finding
    row.count += 1
    row.failed_count += kept.is_failed
    row.span_count += finding.count
    row.seconds += finding.seconds
    row.cost_seconds += finding.cost_seconds
    row.first_seen_at = min(row.first_seen_at, kept.started_at)
    if kept.started_at >= row.last_seen_at:
        row.last_seen_at, row.last_release = kept.started_at, kept.release
    if kept.trace_id and finding.cost_seconds >= row.example_cost_seconds:
        row.example_trace_id, row.example_cost_seconds = kept.trace_id, finding.cost_seconds
        row.example_count = finding.count


def _news(row: TraceFinding, *, now: datetime) -> Occurrence:
    words = f"{row.get_kind_display()} in {row.transaction}"
    cost = f"{row.example_cost_seconds * 1000:.0f} ms"
    return Occurrence(
        kind=f"trace.{row.kind}",
        project_id=row.project_id,
        fingerprint=f"finding:{row.identity.hex}",
        severity=AlertSeverity.WARNING,
        category=AlertCategory.PERFORMANCE,
        title=f"{words}: {row.pattern}"[:250],
        message=f"{words} costs {cost} of a request, in {row.example_count} spans: {row.pattern[:200]}",
        occurred_at=now,
        link=f"/traces/{row.example_trace_id}" if row.example_trace_id else "",
        environment=row.environment,
        tags={"transaction": row.transaction, "service": row.service, "release": row.first_release},
    )
