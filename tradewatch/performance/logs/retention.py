"""How long lines are kept, and their deletion in steps that hold the write lock only briefly."""

from datetime import datetime, timedelta

from django.conf import settings

from tradewatch.core import bulk
from tradewatch.performance.logs.lines import microseconds
from tradewatch.performance.models import LogBlock, LogReceipt
from tradewatch.projects.models import Project

RECEIPTS_KEPT = timedelta(days=3)  # an SDK that was offline sends again what it could not send
BLOCKS_A_STEP = 100  # of at most 4,096 lines each
RECEIPTS_A_STEP = 2000
_MAX_STEPS = 2000


def delete_old(now: datetime) -> int:
    """Delete blocks whose newest line is older than TRADEWATCH_LOG_RETENTION_DAYS; return how many lines went."""
    _delete_receipts(before=now - RECEIPTS_KEPT)
    before = microseconds(now - settings.LOG_RETENTION)
    projects = Project.objects.order_by("pk").values_list("pk", flat=True)
    deleted = sum(_delete_of(project_id, before) for project_id in projects)
    if deleted:
        bulk.give_back_space()
    return deleted


def _delete_of(project_id: int, before_us: int) -> int:
    old = LogBlock.objects.filter(project_id=project_id, last_us__lt=before_us).order_by("last_us")
    deleted = 0
    for _ in range(_MAX_STEPS):
        step = dict(old.values_list("pk", "line_count")[:BLOCKS_A_STEP])
        if not step:
            break
        LogBlock.objects.filter(pk__in=step).delete()
        deleted += sum(step.values())
    return deleted


def _delete_receipts(*, before: datetime) -> None:
    old = LogReceipt.objects.filter(hour__lt=int(before.timestamp()) // 3600)
    for _ in range(_MAX_STEPS):
        step = list(old.values_list("pk", flat=True)[:RECEIPTS_A_STEP])
        if not step:
            break
        LogReceipt.objects.filter(pk__in=step).delete()
