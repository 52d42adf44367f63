"""What TradeWatch measures of the disk and the database that it stands on."""

import shutil
import time
from datetime import datetime

from django.conf import settings

from tradewatch.metrics.own.measures import BYTE, COUNT, DAY, SECOND, Limits, Measure, Values
from tradewatch.metrics.own.registry import plain
from tradewatch.performance.disk.marks import Level, level_of
from tradewatch.performance.disk.room import Room, is_known, room
from tradewatch.performance.disk.sampling import history, outlook
from tradewatch.performance.readiness import check_database

_DISK_CURE = (
    "See below what takes the room and how long each kind is kept; shorten a retention, or give the disk more room. "
    "Above the critical mark TradeWatch is no longer ready (docs/retention.md)."
)

MEASURES = (
    Measure(
        "disk_free_bytes",
        "Free on the disk",
        BYTE,
        "Free bytes on the file system of TRADEWATCH_HOME.",
        limits=Limits(2 << 30, 512 << 20, is_below=True),
        cure=_DISK_CURE,
    ),
    Measure(
        "disk_level",
        "Disk between its marks",
        COUNT,
        "0: ok; 1: above the high mark, old data of least worth is cleared; 2: critical, events are refused with 429.",
        limits=Limits(0, 1),
        cure=_DISK_CURE,
    ),
    Measure(
        "disk_used_bytes", "In use by TradeWatch", BYTE, "Bytes of what TradeWatch stores, at the last hourly sample."
    ),
    Measure(
        "disk_days_left",
        "The disk lasts",
        DAY,
        "Days until the disk is full at the rate of the last 14 days; absent without a forecast.",
        limits=Limits(30, 7, is_below=True),
        cure=_DISK_CURE,
    ),
    Measure(
        "database_seconds",
        "Database answers in",
        SECOND,
        "Seconds that the database took to answer the least question.",
        limits=Limits(0.25, 2.0),
        cure="Look at the load and the disk of the database's machine, and for long queries (pg_stat_activity).",
    ),
)


def _room() -> Room | None:
    """Return the room for data; None for a PostgreSQL whose disk nobody knows."""
    return room() if is_known() else None


def read_machine(now: datetime) -> Values:
    started = time.perf_counter()
    check_database()
    answered = time.perf_counter() - started
    samples = history(now)
    return plain(
        disk_free_bytes=shutil.disk_usage(settings.HOME).free,
        disk_level=tuple(Level).index(level_of(place.free_bytes, place.marks)) if (place := _room()) else None,
        disk_used_bytes=samples[-1].used_bytes if samples else None,
        disk_days_left=outlook(samples).days_left,
        database_seconds=answered,
    )
