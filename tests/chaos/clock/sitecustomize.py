"""Python runs this at its start where this folder stands in PYTHONPATH: the process's clock follows a file.

TRADEWATCH_TEST_CLOCK names the file; it holds by how many seconds the wall clock is off. The monotonic clock, by which
processes wait, stays as it is. Debian's libfaketime was the first choice: with the monotonic clock left alone its
`clock_nanosleep` fails with EINVAL, so that nothing could sleep.
"""

import contextlib
import os
import threading
from pathlib import Path

import time_machine

LOOK_SECONDS = 0.1


def follow(path: Path) -> None:
    pause, real = threading.Event(), time_machine.escape_hatch.time.time
    set_to, travel = 0.0, None
    while True:
        with contextlib.suppress(OSError, ValueError):  # it is just being written
            offset = float(path.read_text())
            if offset != set_to:
                if travel is not None:
                    travel.stop()
                travel = time_machine.travel(real() + offset) if offset else None
                if travel is not None:
                    travel.start()
                set_to = offset
        pause.wait(LOOK_SECONDS)


def start() -> None:
    threading.Thread(target=follow, args=(Path(os.environ["TRADEWATCH_TEST_CLOCK"]),), daemon=True).start()


start()
os.register_at_fork(after_in_child=start)  # a thread does not come along
