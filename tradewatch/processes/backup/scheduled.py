"""Backups on a clock: when one is due, the process that makes it, and what becomes of older ones.

The tick claims the moment by a row, and starts `manage.py backup --scheduled`; that process says itself how it went.
One that was killed says nothing: after an hour it counts as failed, unless somebody still holds the folder's lock.
"""

import fcntl
import logging
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from tradewatch.core import pulse
from tradewatch.core.backup_state import DONE, FAILED, TRIED
from tradewatch.core.models import Pulse
from tradewatch.processes.backup.dumping import Say, write_backup
from tradewatch.processes.backup.faults import BackupFault
from tradewatch.processes.backup.rotation import name_at, to_delete
from tradewatch.processes.backup.space import refuse_full_disk
from tradewatch.processes.backup.telling import size_words

AGAIN_AFTER = timedelta(hours=1)  # one that failed
SKEW = timedelta(minutes=5)  # a clock that was set back
_LOCK = ".lock"
logger = logging.getLogger(__name__)


def is_due(last: datetime | None, failed: datetime | None, *, every: timedelta, now: datetime) -> bool:
    """Tell whether a backup is to be begun. `last`: when one was last begun, which is what the period counts from."""
    if last is None or last > now + SKEW:
        return True
    return now - last >= (min(AGAIN_AFTER, every) if failed is not None and failed >= last else every)


def is_lost(tried: datetime | None, done: datetime | None, failed: datetime | None, *, now: datetime) -> bool:
    """Tell whether the last try should have said by now how it went. A large backup says so later: see `is_writing`."""
    if tried is None or now - tried <= AGAIN_AFTER:
        return False
    return all(said is None or said < tried for said in (done, failed))


def is_writing(folder: Path) -> bool:
    """Tell whether a process writes a backup into the folder: however it ends, its lock ends with it."""
    try:
        with (folder / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # no folder, or none that can be written to
    return False


def claim(now: datetime) -> bool:
    """Note that a backup begins now, if one is due and nobody else was quicker; and that the last one was lost."""
    if settings.BACKUP_FOLDER is None:
        return False
    last, failed = pulse.last_beat(TRIED), pulse.last_beat(FAILED)
    lost = is_lost(last, pulse.last_beat(DONE), failed, now=now) and not is_writing(Path(settings.BACKUP_FOLDER))
    if not is_due(last, last if lost else failed, every=settings.BACKUP_EVERY, now=now):
        return False
    if last is None:
        return Pulse.objects.get_or_create(name=TRIED, defaults={"at": now})[1]
    is_ours = bool(Pulse.objects.filter(name=TRIED, at=last).update(at=now))
    if is_ours and lost:
        logger.warning("the process of a backup ended without a word begun_at=%s", last)
        pulse.beat(last, name=FAILED)
    return is_ours


def start_due(now: datetime) -> "subprocess.Popen[bytes] | None":
    """Start the process when a backup is due, and leave it: it may take minutes, and tells itself how it went."""
    if not claim(now):
        return None
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "backup", "--scheduled"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603


def back_up(*, now: datetime, say: Say = lambda text: None) -> str:
    """Write the backup of `now`, delete what need not stay, and note how it went; return the line that says it."""
    if settings.BACKUP_FOLDER is None:
        raise BackupFault("TRADEWATCH_BACKUP_FOLDER is not set")
    folder = Path(settings.BACKUP_FOLDER)
    try:
        line = _back_up_into(folder, now, say)
    except Exception:
        pulse.beat(now, name=FAILED)
        raise
    pulse.beat(now, name=DONE)
    return line


def _back_up_into(folder: Path, now: datetime, say: Say) -> str:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFault(f"another backup is being written to {folder}") from None
        for draft in folder.glob(".tradewatch-*.partial"):  # of a process that was killed: nobody else holds the lock
            draft.unlink()
        path = folder / name_at(now)
        refuse_full_disk(path)
        made = write_backup(path, now=now, say=say)
        gone = to_delete(
            [each.name for each in folder.iterdir()],
            now=now, daily=settings.BACKUP_KEEP_DAILY, weekly=settings.BACKUP_KEEP_WEEKLY,
        )  # fmt: skip
        for name in gone:
            (folder / name).unlink()
    logger.info("backup made rows=%s bytes=%s deleted=%s", made.rows, made.size_bytes, len(gone))
    return f"{path}: {made.rows:,} rows, {size_words(made.size_bytes)}; {len(gone)} older ones deleted"
