"""Runs what may hang, each in a thread of its own and all within one bounded time.

A dead network mount blocks `statvfs` in the kernel, where nothing can interrupt it: the thread is left behind, and the
same part is not begun again until it has come back. So a hang costs one thread, its own part, and nobody else's time.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Answers(Generic[Value]):
    """`late`: did not answer in time, or still hangs from before. `failed`: raised an error, which is in the log."""

    values: Mapping[str, Value]
    late: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class BoundedParts:
    """Remembers what still hangs. One caller at a time."""

    def __init__(self) -> None:
        self._running: dict[str, threading.Thread] = {}

    def ask(self, parts: Mapping[str, Callable[[], Value]], *, timeout_seconds: float) -> Answers[Value]:
        """Run all `parts` at once and return what they answered within `timeout_seconds`."""
        self._running = {name: thread for name, thread in self._running.items() if thread.is_alive()}
        values: dict[str, Value] = {}
        failed: set[str] = set()
        asked = {name: part for name, part in parts.items() if name not in self._running}
        for name, part in asked.items():
            thread = threading.Thread(target=_run, args=(name, part, values, failed), name=f"part-{name}", daemon=True)
            self._running[name] = thread
            thread.start()
        deadline = time.monotonic() + timeout_seconds
        for name in asked:
            self._running[name].join(max(0.0, deadline - time.monotonic()))
        answered, broken = dict(values), frozenset(failed)  # a late thread may still write into the first ones
        late = [name for name in parts if name not in answered and name not in broken]
        return Answers(answered, tuple(late), tuple(sorted(broken)))


def _run(name: str, part: Callable[[], Value], values: dict[str, Value], failed: set[str]) -> None:
    try:
        values[name] = part()
    except Exception as error:
        failed.add(name)
        # Its class alone: each minute anew, with a path in it, a traceback would fill a log.
        logger.warning("part failed part=%s error=%s", name, type(error).__name__)
