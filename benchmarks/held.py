"""How long the digest holds SQLite's write lock: the processor time of each of its transactions."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def transactions_timed() -> Iterator[list[float]]:
    """Give a list that grows by the seconds of processor time of every transaction that ends meanwhile."""
    from tradewatch.inbox import digest

    attempt = digest._SqliteRound.attempt
    seconds: list[float] = []

    def timed(self: Any, part: Any) -> Any:
        started = time.process_time()
        try:
            return attempt(self, part)
        finally:
            seconds.append(time.process_time() - started)

    digest._SqliteRound.attempt = timed  # type: ignore[method-assign]  # to measure it
    try:
        yield seconds
    finally:
        digest._SqliteRound.attempt = attempt  # type: ignore[method-assign]
