"""How long raw transactions, buckets and groups are kept, and their deletion in steps that hold the lock briefly."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Model, QuerySet

from tradewatch.core import bulk
from tradewatch.core.deleting import delete_counted
from tradewatch.metrics.ages import bucket_ages
from tradewatch.metrics.models import Resolution
from tradewatch.performance.models import (
    KeptTransaction,
    KeptTransactionPayload,
    SeenTransaction,
    SpanBucket,
    SpanGroup,
    TaggedMinute,
    TraceFinding,
    TraceHour,
    TransactionBucket,
    TransactionGroup,
)
from tradewatch.projects.retention import kept_from

SEEN_KEPT = timedelta(days=3)  # an SDK that was offline sends again what it could not send
FINDINGS_KEPT = timedelta(days=90)  # since they were last met
SPAN_MINUTES_KEPT = timedelta(days=7)  # there are ten times as many as of transactions
TRANSACTIONS_A_STEP = 200  # each with a document of some kilobytes
ROWS_A_STEP = 2000
_MAX_STEPS = 2000  # the next run takes the rest
_DAY = timedelta(days=1)


def delete_old(now: datetime) -> int:
    """Delete what is past its time; return how many raw transactions went.

    Raw ones live TRADEWATCH_TRACE_RETENTION_DAYS or the days of their project, buckets as all metrics do
    (`bucket_ages`), but minutes of spans 7 days at most. What was found in traces stays 90 days after it was last met.
    """
    kept = kept_from("trace_days", now)
    deleted = sum(delete_before(kept))
    _in_steps(TraceFinding.objects.filter(last_seen_at__lt=now - FINDINGS_KEPT))
    _in_steps(TraceHour.objects.filter(hour__lt=_hour(min(kept.values(), default=now))))
    _in_steps(SeenTransaction.objects.filter(hour__lt=_hour(now - SEEN_KEPT)))
    ages = bucket_ages()
    _delete_buckets(TransactionBucket, now, ages)
    _in_steps(TaggedMinute.objects.filter(start__lt=int((now - ages[Resolution.MINUTE]).timestamp()) - 60))
    span_minutes = min(SPAN_MINUTES_KEPT, ages[Resolution.MINUTE])
    _delete_buckets(SpanBucket, now, {**ages, Resolution.MINUTE: span_minutes})
    # The longest bucket, a day, has ended by its retention and one day more.
    last_day = int((now - ages[Resolution.DAY] - 2 * _DAY).timestamp()) // Resolution.DAY
    _in_steps(TransactionGroup.objects.filter(last_day__lt=last_day))
    _in_steps(SpanGroup.objects.filter(last_day__lt=last_day))
    if deleted:
        bulk.give_back_space()
    return deleted


def delete_before(moments: Mapping[int, datetime]) -> Iterator[int]:
    """Delete raw transactions of the hours before that of each project's moment; yield how many a step took."""
    for project_id, before in moments.items():
        old = KeptTransaction.objects.filter(project=project_id, hour__lt=_hour(before)).order_by("hour")
        for _ in range(_MAX_STEPS):
            step = list(old.values_list("pk", flat=True)[:TRANSACTIONS_A_STEP])
            if not step:
                break
            KeptTransactionPayload.objects.filter(transaction__in=step).delete()
            yield delete_counted(KeptTransaction.objects.filter(pk__in=step))


def _delete_buckets(
    model: type[TransactionBucket] | type[SpanBucket], now: datetime, ages: Mapping[Resolution, timedelta]
) -> None:
    for resolution, age in ages.items():
        ended_before = int((now - age).timestamp()) - resolution
        _in_steps(model._default_manager.filter(resolution=resolution, start__lt=ended_before))


def _in_steps(rows: QuerySet[Model]) -> None:
    for _ in range(_MAX_STEPS):
        step = list(rows.values_list("pk", flat=True)[:ROWS_A_STEP])
        if not step:
            return
        rows.model._default_manager.filter(pk__in=step).delete()


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600
