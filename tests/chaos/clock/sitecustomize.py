"""Python runs this at its start where this folder stands in PYTHONPATH: the process's clock follows a file.

TRADEWATCH_TEST_CLOCK names the file: by how many seconds the wall clock is off, and a word, where only processes with
it in their command are meant. The monotonic clock, by which processes wait, stays as it is. Debian's libfaketime was
the first choice: with the monotonic clock left alone its `clock_nanosleep` fails with EINVAL, so nothing could sleep.
"""

import contextlib
import os
import sys
import threading
from datetime import timedelta
from pathlib import Path

import time_machine

LOOK_SECONDS = 0.1


def offset_in(path: Path) -> float:
    seconds, _, word = path.read_text().partition(" ")
    return float(seconds) if word in " ".join(sys.orig_argv) else 0.0


def follow(path: Path) -> None:
    pause, offset, travel = threading.Event(), 0.0, None
    while True:
        wanted = offset
        with contextlib.suppress(OSError, ValueError):  # it is just being written
            wanted = offset_in(path)
        if wanted != offset:
            if travel is not None:
                travel.stop()  # first: where it goes is counted from the true time
            travel = time_machine.travel(timedelta(seconds=wanted)) if wanted else None
            if travel is not None:
                travel.start()
            offset = wanted
        pause.wait(LOOK_SECONDS)


def start() -> None:
    threading.Thread(target=follow, args=(Path(os.environ["TRADEWATCH_TEST_CLOCK"]),), daemon=True).start()


if "tests.prepared" not in sys.orig_argv:  # it forks, and so must have no thread; its commands need no wrong clock
    start()
    os.register_at_fork(after_in_child=start)  # a thread does not come along
