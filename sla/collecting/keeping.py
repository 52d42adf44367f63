"""How long blocks are kept, and their deletion in steps that hold the write lock only briefly."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Model, QuerySet

from sla.measuring import NEW_FOR
from sla.minutes.packing import DAY, HOUR
from sla.models import HourSpread, Measure, MinuteBlock

ROWS_A_STEP = 500


def delete_old(now: datetime) -> int:
    """Delete blocks past METRIC_RETENTION, and measures that no version asked for; return how many blocks."""
    oldest = int((now - settings.METRIC_RETENTION).timestamp())
    blocks = _in_steps(MinuteBlock.objects.filter(day__lt=oldest // DAY))
    _in_steps(HourSpread.objects.filter(hour__lt=oldest // DAY * DAY // HOUR))
    unasked = Measure.objects.filter(versions=None, created_at__lt=now - NEW_FOR - timedelta(days=1))
    for measure in unasked:
        blocks += _in_steps(MinuteBlock.objects.filter(measure=measure))
        _in_steps(HourSpread.objects.filter(measure=measure))
    _in_steps(unasked)
    return blocks


def _in_steps(rows: QuerySet[Model]) -> int:
    deleted = 0
    while step := list(rows.values_list("pk", flat=True)[:ROWS_A_STEP]):
        deleted += rows.model._default_manager.filter(pk__in=step).delete()[0]
    return deleted
