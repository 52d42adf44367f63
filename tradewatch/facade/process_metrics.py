"""What this process uses: CPU and memory, by the standard library; psutil is not asked of the application."""

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tradewatch.facade.measures import Point


class ProcessMetrics:
    """Remembers the last reading: CPU is a share of the time since then, 1.0 for one CPU all the time."""

    def __init__(self) -> None:
        self._cpu_seconds, self._at = time.process_time(), time.monotonic()
        program = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
        self._attributes = {"host": socket.gethostname(), "process": program[:80] or "python"}

    def read(self) -> Iterator[Point]:
        """Yield the points of now; no CPU before a tenth of a second has passed."""
        cpu_seconds, at = time.process_time(), time.monotonic()
        elapsed = at - self._at
        if elapsed >= 0.1:
            yield self._point("process.cpu", max(0.0, cpu_seconds - self._cpu_seconds) / elapsed, "ratio")
            self._cpu_seconds, self._at = cpu_seconds, at
        if (memory := memory_bytes()) is not None:
            yield self._point("process.memory", float(memory), "byte")
        yield self._point("process.threads", float(threading.active_count()), "")
        if (files := open_files()) is not None:
            yield self._point("process.files", float(files), "")

    def _point(self, name: str, value: float, unit: str) -> Point:
        return Point(name, "gauge", value, unit, time.time(), self._attributes)


def memory_bytes() -> int | None:
    """Return the resident set size; where only its peak is known, that; None on systems that say neither."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        pass
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def open_files() -> int | None:
    try:
        return len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208  # the listing itself is one
    except OSError:
        return None
