"""Rules of a table, compiled, at most 2 s old: what digesting uses without asking the database each time."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

MAX_AGE_SECONDS = 2.0

Row = TypeVar("Row")
Compiled = TypeVar("Compiled")


class Standing(Generic[Row, Compiled]):
    """`read` returns the rules as values that compare; `build` runs only when they differ from the last."""

    def __init__(self, read: Callable[[], tuple[Row, ...]], build: Callable[[tuple[Row, ...]], Compiled]) -> None:
        self._read, self._compile = read, build
        self._lock = threading.Lock()
        self._rows: tuple[Row, ...] | None = None
        self._compiled = build(())
        self._read_at = float("-inf")

    def current(self) -> Compiled:
        """Return the compiled rules, read again when they are older than 2 s."""
        if self._is_old():
            with self._lock:
                if self._is_old():
                    self._renew()
        return self._compiled

    def forget(self) -> None:
        """Make the next call read the database (after a change, and in tests)."""
        self._read_at = float("-inf")

    def _is_old(self) -> bool:
        return time.monotonic() - self._read_at > MAX_AGE_SECONDS

    def _renew(self) -> None:
        rows = self._read()
        if rows != self._rows:
            self._compiled, self._rows = self._compile(rows), rows
        self._read_at = time.monotonic()
