"""How long raw transactions, buckets and groups are kept, and their deletion in steps that hold the lock briefly."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Model, QuerySet

from tradewatch.core import bulk
from tradewatch.metrics.models import Resolution
from tradewatch.metrics.retention import MINUTES_KEPT
from tradewatch.performance.models import (
    KeptTransaction,
    KeptTransactionPayload,
    SeenTransaction,
    SpanBucket,
    SpanGroup,
    TraceFinding,
    TraceHour,
    TransactionBucket,
    TransactionGroup,
)

SEEN_KEPT = timedelta(days=3)  # an SDK that was offline sends again what it could not send
FINDINGS_KEPT = timedelta(days=90)  # since they were last met
SPAN_MINUTES_KEPT = timedelta(days=7)  # there are ten times as many as of transactions
TRANSACTIONS_A_STEP = 200  # each with a document of some kilobytes
ROWS_A_STEP = 2000
_MAX_STEPS = 2000  # the next run takes the rest
_DAY = timedelta(days=1)


def delete_old(now: datetime) -> int:
    """Delete what is past its time; return how many raw transactions went.

    Raw ones live TRADEWATCH_TRACE_RETENTION_DAYS, hours and days TRADEWATCH_METRIC_RETENTION_DAYS, minutes 30 days and
    those of spans 7, or as long as hours if that is less. What was found in traces stays 90 days after it was last met.
    """
    deleted = _delete_kept(_hour(now - settings.TRACE_RETENTION))
    _in_steps(TraceFinding.objects.filter(last_seen_at__lt=now - FINDINGS_KEPT))
    _in_steps(TraceHour.objects.filter(hour__lt=_hour(now - settings.TRACE_RETENTION)))
    _in_steps(SeenTransaction.objects.filter(hour__lt=_hour(now - SEEN_KEPT)))
    for model, minutes_kept in ((TransactionBucket, MINUTES_KEPT), (SpanBucket, SPAN_MINUTES_KEPT)):
        _delete_buckets(model, now, minutes_kept)
    # The longest bucket, a day, has ended by its retention and one day more.
    last_day = int((now - settings.METRIC_RETENTION - 2 * _DAY).timestamp()) // Resolution.DAY
    _in_steps(TransactionGroup.objects.filter(last_day__lt=last_day))
    _in_steps(SpanGroup.objects.filter(last_day__lt=last_day))
    if deleted:
        bulk.give_back_space()
    return deleted


def _delete_kept(before_hour: int) -> int:
    old = KeptTransaction.objects.filter(hour__lt=before_hour)
    deleted = 0
    for _ in range(_MAX_STEPS):
        step = list(old.values_list("pk", flat=True)[:TRANSACTIONS_A_STEP])
        if not step:
            break
        KeptTransactionPayload.objects.filter(transaction__in=step).delete()
        KeptTransaction.objects.filter(pk__in=step).delete()
        deleted += len(step)
    return deleted


def _delete_buckets(model: type[TransactionBucket] | type[SpanBucket], now: datetime, minutes_kept: timedelta) -> None:
    kept = dict.fromkeys(Resolution, settings.METRIC_RETENTION)
    kept[Resolution.MINUTE] = min(minutes_kept, settings.METRIC_RETENTION)
    for resolution, age in kept.items():
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
