"""Measures, keeps, and reads back: what lies on the disk, and what lay there before."""

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from tradewatch.core import bulk
from tradewatch.inbox import queue_sqlite
from tradewatch.performance.disk.forecast import Forecast, forecast, slope
from tradewatch.performance.disk.kinds import INBOX, OTHER, UNUSED, by_kind
from tradewatch.performance.disk.standing import standing
from tradewatch.performance.models import DiskSample

HISTORY = timedelta(days=14)  # what a forecast looks back on
PERIOD = timedelta(hours=1)
_DAY = 86_400


def sample(now: datetime) -> DiskSample:
    """Measure and keep one sample; return it. The same moment again changes nothing."""
    found = bulk.table_sizes()
    sizes = by_kind(found.tables)
    for kind, size in ((UNUSED, found.unused_bytes), (INBOX, _inbox_bytes()), (OTHER, _journal_bytes())):
        if size:
            sizes[kind] = sizes.get(kind, 0) + size
    disk = shutil.disk_usage(settings.HOME)
    taken, _ = DiskSample.objects.get_or_create(
        at=now,
        defaults={
            "sizes": sizes,
            "free_bytes": disk.free,
            "total_bytes": disk.total,
            "is_exact": found.is_exact,
        },
    )
    return taken


def delete_old(now: datetime) -> int:
    """Delete samples past TRADEWATCH_METRIC_RETENTION_DAYS; return how many. There are 24 a day."""
    return DiskSample.objects.filter(at__lt=now - settings.METRIC_RETENTION).delete()[0]


def is_due(now: datetime) -> bool:
    """Tell whether the last sample is an hour old, or there is none."""
    last = latest()
    return last is None or last.at <= now - PERIOD


def latest() -> DiskSample | None:
    return DiskSample.objects.order_by("-at").first()


def history(now: datetime, *, since: timedelta = HISTORY) -> list[DiskSample]:
    """Return the samples of the time before `now`, the oldest first."""
    return list(DiskSample.objects.filter(at__gt=now - since, at__lte=now).order_by("at"))


def outlook(samples: Sequence[DiskSample]) -> Forecast:
    """Return how long the free space lasts. Of data in a PostgreSQL elsewhere nobody knows the disk: no forecast."""
    if settings.IS_POSTGRES:
        rate = growth(samples)
        return Forecast("The database's own disk is not known here", bytes_a_day=sum(rate.values()) if rate else None)
    if not samples:
        return Forecast("No sample yet: the first comes within a minute")
    points = [(each.at.timestamp(), each.used_bytes - each.sizes.get(UNUSED, 0)) for each in samples]
    # Pages that a clean-up left in the file are filled before the file grows.
    return forecast(points, samples[-1].free_bytes + samples[-1].sizes.get(UNUSED, 0))


def growth(samples: Sequence[DiskSample]) -> dict[str, float]:
    """Return {kind: bytes a day}; empty for less than a day of samples."""
    if not samples or (samples[-1].at - samples[0].at).total_seconds() < _DAY:
        return {}
    kinds = {kind for each in samples for kind in each.sizes}
    return {kind: slope([(each.at.timestamp(), each.sizes.get(kind, 0)) for each in samples]) * _DAY for kind in kinds}


def status(now: datetime) -> dict[str, object]:
    """Return what the status endpoint says of the disk."""
    samples = history(now)
    if not samples:
        return {"sampled_at": None, **standing()}
    last, ahead = samples[-1], outlook(samples)
    return {
        **standing(),
        "sampled_at": last.at.isoformat(),
        "used_bytes": last.used_bytes,
        "by_kind": last.sizes,
        "is_exact": last.is_exact,
        "bytes_a_day": None if ahead.bytes_a_day is None else round(ahead.bytes_a_day),
        "days_left": None if ahead.days_left is None else round(ahead.days_left, 1),
        "forecast": ahead.words,
    }


def _inbox_bytes() -> int:
    return 0 if settings.IS_POSTGRES else queue_sqlite.file_bytes()


def _journal_bytes() -> int:
    """Return what SQLite's log beside the database takes."""
    log = Path(f"{settings.DATABASES['default']['NAME']}-wal")
    return 0 if settings.IS_POSTGRES or not log.is_file() else log.stat().st_size
