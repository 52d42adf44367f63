"""Writes what was found: found again it is the same row, not found again it goes, dismissed it stays dismissed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from debugging.models import Pattern
from debugging.patterns.found import Found
from tradewatch.errors.models import Issue

ISSUES_A_STEP, ROWS_A_STEP = 50, 500
DISMISSED_KEPT = timedelta(days=90)  # since it was found last: so long it does not come back as new
_FOUND_AGAIN = ["other", "summary", "evidence", "strength", "p_value", "found_at"]


def keep_found(project_id: int, found: Mapping[int, Sequence[Found]], *, now: datetime) -> int:
    """Write the patterns of each issue and return how many; in steps, so that nobody waits long for the write lock."""
    kept = 0
    ids = sorted(pk for pk, patterns in found.items() if patterns)
    for start in range(0, len(ids), ISSUES_A_STEP):
        step = ids[start : start + ISSUES_A_STEP]
        with transaction.atomic():
            there = set(Issue.objects.filter(pk__in=step, project=project_id).values_list("pk", flat=True))
            rows = [_row(project_id, pk, each, now) for pk in step if pk in there for each in found[pk]]
            Pattern.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["issue", "kind", "key", "value"],
                update_fields=_FOUND_AGAIN,
                batch_size=ROWS_A_STEP,
            )
        kept += len(rows)
    return kept


def forget_unfound(rows: QuerySet[Pattern], *, since: datetime) -> int:
    """Delete those of `rows` that were not found again since then; dismissed ones only long after."""
    gone = rows.filter(found_at__lt=since, dismissed_at=None)
    old = rows.filter(found_at__lt=since - DISMISSED_KEPT).exclude(dismissed_at=None)
    return sum(_delete(each) for each in (gone, old))


def _delete(rows: QuerySet[Pattern]) -> int:
    deleted = 0
    while step := list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_A_STEP]):
        deleted += Pattern.objects.filter(pk__in=step).delete()[0]
    return deleted


def _row(project_id: int, issue_id: int, found: Found, now: datetime) -> Pattern:
    return Pattern(
        project_id=project_id,
        issue_id=issue_id,
        other_id=found.other_id,
        kind=found.kind,
        key=found.key[:200],
        value=found.value[:200],
        summary=found.summary[:500],
        evidence=dict(found.evidence),
        strength=found.strength,
        p_value=found.p,
        first_found_at=now,
        found_at=now,
    )
