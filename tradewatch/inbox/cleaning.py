"""What leaves the inbox and when: digested rows, the raw bodies of dead letters, kept items."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Model, QuerySet

from tradewatch.core import bulk
from tradewatch.core.deleting import delete_counted
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.models import AttachmentChunk, DeadLetter, KeptItem
from tradewatch.inbox.queries import digest_position
from tradewatch.projects.retention import kept_from

DIGESTED_KEPT = timedelta(minutes=10)  # so that a main database restored from a moment ago can digest again
ROWS_A_STEP = 200  # each may carry a MiB
_on_disk = 0  # the digest's position at this process's last complete checkpoint


def clean_queue(now: datetime, *, kept: timedelta = DIGESTED_KEPT) -> int:
    """Delete digested rows from the inbox file, `kept` after they came at the earliest; return how many.

    Only what the main database has on disk for good: its commits are in its log, but until a checkpoint a loss of power
    may take them back, and then these rows are all that is left. On PostgreSQL the digest deletes its rows itself.
    """
    if settings.IS_POSTGRES:
        return 0
    return queue_sqlite.delete_up_to(
        _position_on_disk(), older_than=(now - kept).timestamp(), newer_than=now.timestamp()
    )


def _position_on_disk() -> int:
    """Return up to where what was digested cannot be taken back any more.

    In steady traffic a checkpoint may not catch up with the log: what an earlier one caught is on disk all the same.
    """
    global _on_disk
    position = digest_position()
    if bulk.checkpoint():
        _on_disk = position
    return min(_on_disk, position)


def expire_dead_letters(now: datetime) -> int:
    """Forget the raw bodies of letters past DEAD_LETTER_RETENTION and the letters past EVENT_RETENTION.

    Returns how many bodies went.
    """
    old = DeadLetter.objects.filter(failed_at__lt=now - settings.DEAD_LETTER_RETENTION, state=DeadLetter.State.WAITING)
    expired = _in_steps(old, lambda step: step.update(state=DeadLetter.State.EXPIRED, body=None, address=""))
    gone = DeadLetter.objects.filter(failed_at__lt=now - settings.EVENT_RETENTION).exclude(
        state=DeadLetter.State.WAITING
    )
    _in_steps(gone, lambda step: step.delete()[0])
    return expired


def delete_old_kept_items(now: datetime) -> int:
    """Delete items that are older than their project keeps them, with their chunks; return how many items."""
    deleted = sum(delete_items_before(kept_from("attachment_days", now)))
    bulk.give_back_space()
    return deleted


def delete_items_before(moments: Mapping[int, datetime]) -> Iterator[int]:
    """Delete the kept items of each project that came before its moment, oldest first; yield how many a step took."""
    for project_id, before in moments.items():
        old = KeptItem.objects.filter(project=project_id, received_at__lt=before).order_by("received_at", "pk")
        while step := list(old.values_list("pk", flat=True)[:ROWS_A_STEP]):
            _in_steps(AttachmentChunk.objects.filter(item__in=step), lambda rows: rows.delete()[0])
            yield delete_counted(KeptItem.objects.filter(pk__in=step))


def _in_steps(rows: QuerySet[Model], act: Callable[[QuerySet[Model]], int]) -> int:
    """Act on all `rows`, a few in each transaction: the write lock is held only briefly."""
    done = 0
    while step := list(rows.values_list("pk", flat=True)[:ROWS_A_STEP]):
        done += act(rows.model._default_manager.filter(pk__in=step))
    return done
