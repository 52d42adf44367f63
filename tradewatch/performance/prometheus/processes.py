"""What django-prometheus counted, over all web processes of this machine, the ended ones included.

prometheus_client keeps each process's counts in a mapped file (PROMETHEUS_MULTIPROC_DIR, which settings.py sets).
Files of ended processes would pile up, and removing one would make a sum fall, which Prometheus takes for a restart and
answers with a spike: so they are added to the file of process 0, which never runs.
"""

import contextlib
import fcntl
import logging
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

logger = logging.getLogger(__name__)

_FILE = re.compile(r"(counter|histogram|summary|gauge_[a-z]+)_(\d+)\.db")
_LOCK = ".lock"


def process_families(folder: Path) -> Sequence[Metric]:
    """Return the families of all processes that ever counted into `folder`."""
    with _locked(folder, fcntl.LOCK_SH):
        return list(MultiProcessCollector(CollectorRegistry(), str(folder)).collect())


def take_over_ended(folder: Path) -> int:
    """Add the counts of ended processes to those of process 0 and remove their files; return how many files went.

    A process that is killed between the two counts twice: a few requests, once.
    """
    with _locked(folder, fcntl.LOCK_EX):
        ended = [(path, kind) for path, kind, pid in _files(folder) if pid and not _is_running(pid)]
        for path, kind in ended:
            if not kind.startswith("gauge"):
                _add(path, folder / f"{kind}_0.db")
            path.unlink()
    return len(ended)


def _files(folder: Path) -> Iterator[tuple[Path, str, int]]:
    for path in sorted(folder.iterdir()):
        if found := _FILE.fullmatch(path.name):
            yield path, found[1], int(found[2])


def _add(path: Path, target: Path) -> None:
    try:
        values = list(MmapedDict.read_all_values_from_file(str(path)))
    except Exception as error:  # cut off by a full disk: its counts are lost, not those of everybody
        logger.warning("metrics of an ended process are unreadable error=%s", type(error).__name__)
        return
    sums = MmapedDict(str(target))
    try:
        for key, value, timestamp, _ in values:
            sums.write_value(key, sums.read_value(key)[0] + value, timestamp)
    finally:
        sums.close()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextlib.contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    with (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, how)  # held for as long as a few small files are read or written
        yield
