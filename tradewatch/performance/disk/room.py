"""How much room there is for data: on the disk of TRADEWATCH_HOME and the SQLite file, or in the budget of PostgreSQL.

Cheap enough for every second: the file system's own counters, and two numbers from each SQLite file's header.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from tradewatch.core import bulk
from tradewatch.inbox import queue_sqlite
from tradewatch.performance.disk.marks import Marks, marks_of

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Room:
    """`free_bytes` on the file system; `reusable_bytes`: pages within the SQLite files that hold nothing."""

    marks: Marks
    free_bytes: int
    reusable_bytes: int = 0

    @property
    def usable_bytes(self) -> int:
        return self.free_bytes + self.reusable_bytes


def disk_room() -> Room:
    """Return what the file system says; of two (a database elsewhere than the data folder) the fuller one.

    Touches no database.
    """
    rooms = [_on_disk(folder) for folder in _folders()]
    return min(rooms, key=lambda room: room.free_bytes - room.marks.critical)


def is_known() -> bool:
    """Return False for a PostgreSQL without TRADEWATCH_DATABASE_BUDGET_MB: its disk is elsewhere."""
    return not settings.IS_POSTGRES or settings.DATABASE_BUDGET_MB > 0


def room() -> Room:
    """Return the room for data, where it `is_known`."""
    if not settings.IS_POSTGRES:
        found = disk_room()
        return Room(found.marks, found.free_bytes, bulk.free_bytes() + queue_sqlite.free_bytes())
    budget, size = settings.DATABASE_BUDGET_MB * _MIB, bulk.database_bytes()
    return Room(_marks(budget), max(0, budget - size + bulk.free_bytes()))


def may_digest() -> bool:
    """Return False where what is digested might fill the disk: it waits in the inbox, and is safe there.

    What is left below is for clearing: deletes and the move of a full log into its file need room too. PostgreSQL's
    server looks after itself.
    """
    if settings.IS_POSTGRES:
        return True
    found = disk_room()
    return found.free_bytes >= found.marks.critical // 2


def _on_disk(folder: Path) -> Room:
    found = shutil.disk_usage(folder)
    return Room(_marks(found.used + found.free), found.free)  # `total` counts blocks that are root's alone


def _marks(total_bytes: int) -> Marks:
    return marks_of(
        total_bytes,
        low_percent=settings.DISK_LOW_PERCENT,
        high_percent=settings.DISK_HIGH_PERCENT,
        critical_percent=settings.DISK_CRITICAL_PERCENT,
        headroom_bytes=settings.DISK_HEADROOM_MB * _MIB,
    )


def _folders() -> set[Path]:
    folders = {Path(settings.HOME), Path(settings.INBOX_PATH).parent}
    if not settings.IS_POSTGRES:
        folders.add(Path(settings.DATABASES["default"]["NAME"]).parent)
    return {folder for folder in folders if folder.is_dir()}
