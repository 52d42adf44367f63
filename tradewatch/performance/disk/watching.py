"""What is noted of the disk's clearing. On a full disk a note may fail: that must keep nothing from being cleared."""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import DatabaseError

from tradewatch.performance.models import DiskWatch

logger = logging.getLogger(__name__)
_ONE = 1


def watched() -> DiskWatch:
    return DiskWatch.objects.filter(pk=_ONE).first() or DiskWatch(pk=_ONE)


def note_begin(now: datetime) -> None:
    logger.warning("disk above its high mark: old data of least worth is cleared")
    _write(began_at=now, ended_at=None, cleared={})


def note_cleared(rows: Mapping[str, int]) -> None:
    """Add {kind: rows} to what this clearing took."""
    watch = watched()
    cleared = {kind: watch.cleared.get(kind, 0) + rows.get(kind, 0) for kind in {**watch.cleared, **rows}}
    _write(cleared=cleared)


def note_end(now: datetime) -> None:
    logger.warning("disk below its low mark again cleared=%s", watched().cleared)
    _write(ended_at=now)


def _write(**values: object) -> None:
    try:
        DiskWatch.objects.update_or_create(pk=_ONE, defaults=values)
    except DatabaseError as error:
        logger.warning("the disk's clearing could not be noted error=%s", type(error).__name__)
