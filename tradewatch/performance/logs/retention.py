"""How long lines are kept, and their deletion in steps that hold the write lock only briefly."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tradewatch.core import bulk
from tradewatch.performance.logs.lines import microseconds
from tradewatch.performance.models import LogBlock, LogReceipt
from tradewatch.projects.retention import kept_from

RECEIPTS_KEPT = timedelta(days=3)  # an SDK that was offline sends again what it could not send
BLOCKS_A_STEP = 100  # of at most 4,096 lines each
RECEIPTS_A_STEP = 2000
_MAX_STEPS = 2000


def delete_old(now: datetime) -> int:
    """Delete blocks whose newest line is older than its project keeps lines; return how many lines went."""
    _delete_receipts(before=now - RECEIPTS_KEPT)
    deleted = sum(delete_before(kept_from("log_days", now)))
    if deleted:
        bulk.give_back_space()
    return deleted


def delete_before(moments: Mapping[int, datetime]) -> Iterator[int]:
    """Delete the blocks of each project {id: moment} that end before it, oldest first; yield the lines of each step."""
    for project_id, before in moments.items():
        old = LogBlock.objects.filter(project_id=project_id, last_us__lt=microseconds(before)).order_by("last_us")
        for _ in range(_MAX_STEPS):
            step = list(old.values_list("pk", flat=True)[:BLOCKS_A_STEP])
            if not step:
                break
            yield _delete_blocks(step)


def _delete_blocks(step: Sequence[int]) -> int:
    """Return how many lines went: those of blocks that are there under the lock, for another may delete them too."""
    with transaction.atomic():
        blocks = LogBlock.objects.select_for_update().filter(pk__in=step).order_by("pk")
        lines = dict(blocks.values_list("pk", "line_count"))
        LogBlock.objects.filter(pk__in=lines).delete()
    return sum(lines.values())


def _delete_receipts(*, before: datetime) -> None:
    old = LogReceipt.objects.filter(hour__lt=int(before.timestamp()) // 3600)
    for _ in range(_MAX_STEPS):
        step = list(old.values_list("pk", flat=True)[:RECEIPTS_A_STEP])
        if not step:
            break
        LogReceipt.objects.filter(pk__in=step).delete()
