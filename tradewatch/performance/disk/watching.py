"""What is noted of the disk's clearing. On a full disk a note may fail: that must keep nothing from being cleared."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from django.db import DatabaseError, transaction

from tradewatch.performance.models import DiskWatch

logger = logging.getLogger(__name__)
_ONE = 1


def watched() -> DiskWatch:
    return DiskWatch.objects.filter(pk=_ONE).first() or DiskWatch(pk=_ONE)


def note_begin(now: datetime) -> None:
    """Begin a clearing. One that is under way goes on, with what it took so far."""
    logger.warning("disk above its high mark: old data of least worth is cleared")
    _note(partial(_begin, now=now))


def note_cleared(rows: Mapping[str, int]) -> None:
    """Add {kind: rows} to what this clearing took."""
    _note(partial(_add, rows=rows))


def note_end(now: datetime) -> None:
    logger.warning("disk below its low mark again cleared=%s", watched().cleared)
    _note(partial(_end, now=now))


def _begin(watch: DiskWatch, *, now: datetime) -> None:
    if not watch.is_clearing:
        watch.began_at, watch.ended_at, watch.cleared = now, None, {}


def _add(watch: DiskWatch, *, rows: Mapping[str, int]) -> None:
    watch.cleared = {kind: watch.cleared.get(kind, 0) + rows.get(kind, 0) for kind in {**watch.cleared, **rows}}


def _end(watch: DiskWatch, *, now: datetime) -> None:
    watch.ended_at = now


def _note(change: Callable[[DiskWatch], None]) -> None:
    """Change the row under its lock: another turn's note waits, and adds to this one."""
    try:
        with transaction.atomic():
            watch, _ = DiskWatch.objects.select_for_update().get_or_create(pk=_ONE)
            change(watch)
            watch.save(update_fields=["began_at", "ended_at", "cleared"])
    except DatabaseError as error:
        logger.warning("the disk's clearing could not be noted error=%s", type(error).__name__)
