"""Whether a backup has room. What is stored is compressed already: a file takes about half of its database."""

import shutil
from pathlib import Path

from tradewatch.core.tables import used_bytes
from tradewatch.processes.backup.container import LEAST_FREE_BYTES
from tradewatch.processes.backup.faults import BackupFault

FILE_RATIO = 0.7  # of the database with its indexes; measured: see docs/recovery.md


def refuse_full_disk(path: Path, *, configuration: bool = False) -> None:
    """Raise `BackupFault` where the file could fill the disk; while it is written that is looked at again."""
    needed = LEAST_FREE_BYTES + (0 if configuration else int(used_bytes() * FILE_RATIO))
    free = shutil.disk_usage(path.absolute().parent).free
    if free < needed:
        raise BackupFault(f"{path.absolute().parent} has {free >> 20:,} MiB free, {needed >> 20:,} MiB are wanted")
