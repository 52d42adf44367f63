"""Due checks are claimed, run outside any transaction, and their answers written: one short transaction each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from tradewatch.core.live import push
from tradewatch.metrics.services import CountRow, DurationRow, add_counts, add_durations
from tradewatch.performance.checks import news
from tradewatch.performance.checks.choices import CheckState, Level
from tradewatch.performance.checks.plans import Answer, Plan, as_plan
from tradewatch.performance.checks.states import RETRY_PACE, Limits, Standing, Step, Stretch, on_outcome
from tradewatch.performance.models import Check, CheckResult, CheckSpan

CLAIM_SLACK = timedelta(seconds=30)  # to write the answer down
LONGEST_CLAIM = timedelta(minutes=5)
_STANDING = tuple(Standing.__dataclass_fields__)
_KEPT = (
    *_STANDING, "ran_at", "level", "detail", "seconds", "tls_expires_at", "reported_at", "tls_reported_at",
    "next_due_at", "claimed_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed run. `run_number` is what the claim is known by."""

    check_id: int
    run_number: int
    plan: Plan


def plan_of(row: Check) -> Plan:
    fields = {field.name: getattr(row, field.name) for field in row._meta.concrete_fields}
    return as_plan(fields, allowed=tuple(settings.OUTBOUND_ALLOWED_NETWORKS))


def limits_of(row: Check) -> Limits:
    hold = timedelta(seconds=2 * row.interval_seconds + row.timeout_seconds + 30)
    return Limits(retries=row.retries, recoveries=row.recoveries, hold=hold)


def standing_of(row: Check) -> Standing:
    values = {name: getattr(row, name) for name in _STANDING}
    return Standing(**{**values, "state": CheckState(row.state)})


def claim_due(now: datetime, *, limit: int) -> list[Job]:
    """Claim at most `limit` due checks, the longest due first. A claim that nobody came back from runs out."""
    if limit < 1 or not _due(now).exists():  # an idle tick takes no write lock
        return []
    with transaction.atomic():
        rows = list(_due(now).order_by("next_due_at", "id").select_for_update(skip_locked=True)[:limit])
        return [_claim(row, now=now) for row in rows]


@transaction.atomic
def claim_now(check_id: int, now: datetime) -> Job:
    """Claim a check for whoever asks now; a run that is under way elsewhere becomes void."""
    return _claim(Check.objects.select_for_update().get(pk=check_id), now=now)


@transaction.atomic
def record(job: Job, answer: Answer, *, at: datetime) -> Check | None:
    """Write an answer down and tell alerts what it changes. None: the claim is not the newest any more, or the check
    is gone, and nothing was written."""
    row = Check.objects.select_for_update().filter(pk=job.check_id, run_number=job.run_number).first()
    if row is None:
        return None
    row.claimed_until = None
    if row.state == CheckState.PAUSED:  # "run now" of a paused check tells, and changes nothing
        row.save(update_fields=["claimed_until"])
        return row
    step = on_outcome(limits_of(row), standing_of(row), answer.level, at)
    _apply(row, step, answer, at=at)
    _write_spans(row, step, at=at)
    CheckResult.objects.create(
        check_row=row, at=at, level=answer.level, seconds=answer.seconds, detail=answer.detail[:300]
    )
    _count(row, answer, at)
    news.tell(row, step, answer, now=at)
    row.save(update_fields=_KEPT)
    transaction.on_commit(lambda: push("checks", row.project_id))
    if step.before is not None:
        transaction.on_commit(lambda: push("alerts", row.project_id))
    return row


def series_of(check_id: int) -> str:
    """Return the series in `metrics`: a histogram of response times, a count of runs; `.failed`: those that failed."""
    return f"check:{check_id}"


def _due(now: datetime) -> QuerySet[Check]:
    """What should run: also what a clock that was set back would keep waiting for the time it had shown before."""
    is_due = Q(next_due_at__lte=now) | Q(next_due_at__isnull=False, ran_at__gt=now + RETRY_PACE)
    is_free = Q(claimed_until=None) | Q(claimed_until__lte=now) | Q(claimed_until__gt=now + LONGEST_CLAIM)
    return Check.objects.filter(is_due & is_free).exclude(state=CheckState.PAUSED)


def _claim(row: Check, *, now: datetime) -> Job:
    row.run_number += 1
    row.claimed_until = now + timedelta(seconds=row.timeout_seconds) + CLAIM_SLACK
    if row.state != CheckState.PAUSED:
        row.next_due_at = _next_due(row, now)
    row.save(update_fields=["run_number", "claimed_until", "next_due_at"])
    return Job(row.pk, row.run_number, plan_of(row))


def _next_due(row: Check, now: datetime) -> datetime:
    """Return one interval after the moment it was due, or after now: what was missed is not caught up with."""
    interval = timedelta(seconds=row.interval_seconds)
    kept = row.next_due_at + interval if row.next_due_at is not None else now
    return kept if now < kept <= now + interval else now + interval


def _apply(row: Check, step: Step, answer: Answer, *, at: datetime) -> None:
    for name in _STANDING:
        setattr(row, name, getattr(step.standing, name))
    row.ran_at, row.level, row.detail, row.seconds = at, answer.level, answer.detail[:300], answer.seconds
    if answer.tls_expires_at is not None:
        row.tls_expires_at = answer.tls_expires_at
    if step.is_open and row.next_due_at is not None:
        row.next_due_at = min(row.next_due_at, at + RETRY_PACE)


def _write_spans(row: Check, step: Step, *, at: datetime) -> None:
    if step.is_rewound:
        CheckSpan.objects.filter(check_row=row, started_at__gte=at).delete()
        CheckSpan.objects.filter(check_row=row, ended_at__gt=at).update(ended_at=at)
    for stretch in step.stretches:
        if not _lengthen(row, stretch):
            CheckSpan.objects.create(
                check_row=row, state=stretch.state, started_at=stretch.start, ended_at=stretch.end, detail=row.detail
            )


def _lengthen(row: Check, stretch: Stretch) -> bool:
    last = CheckSpan.objects.filter(check_row=row, ended_at=stretch.start, state=stretch.state).order_by("-id").first()
    if last is None:
        return False
    CheckSpan.objects.filter(pk=last.pk).update(ended_at=stretch.end)
    return True


def _count(row: Check, answer: Answer, at: datetime) -> None:
    place, at_epoch, series = (row.project_id, row.environment), at.timestamp(), series_of(row.pk)
    if answer.level == Level.NOT_RUN:
        return
    counted: Sequence[str] = [series, f"{series}.failed"] if answer.level == Level.FAILED else [series]
    add_counts([CountRow(*place, one, at_epoch) for one in counted])
    if answer.seconds is not None:
        add_durations([DurationRow(*place, series, at_epoch, answer.seconds)])
