"""Counts of what the processes do, added up over all of them: each adds in memory and writes what it has now and then.

They are figures about TradeWatch itself, not data: kill -9 costs what a process had not written yet, a few seconds.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping

from django.db import transaction

from tradewatch.core import bulk
from tradewatch.core.models import Tally

FLUSH_SECONDS = 5.0

Labels = tuple[tuple[str, str], ...]


class Tallies:
    """What this process has counted and not written yet. Safe to add to from any thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock, self._clock = threading.Lock(), clock
        self._waiting: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._flushed_at = clock()

    def add(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Count `amount` more. Labels have few values each, and none of them comes from outside."""
        with self._lock:
            self._waiting[name, _pack(labels)] += amount

    def flush_if_due(self) -> bool:
        """Write what waits, at most once in five seconds; tell whether that was now."""
        is_due = bool(self._waiting) and self._clock() - self._flushed_at >= FLUSH_SECONDS
        if is_due:
            self.flush()
        return is_due

    def flush(self) -> None:
        """Write what waits. Raises the database's error, and then keeps everything for the next time."""
        with self._lock:
            waiting, self._waiting = self._waiting, defaultdict(float)
            self._flushed_at = self._clock()
        if not waiting:
            return
        try:
            with transaction.atomic():
                rows = [(*key, amount) for key, amount in waiting.items()]
                bulk.add_up("core_tally", ["name", "labels"], ["value"], rows)
        except Exception:
            with self._lock:
                for key, amount in waiting.items():
                    self._waiting[key] += amount
            raise


def read_tallies(prefix: str) -> dict[str, dict[Labels, float]]:
    """Return {name: {labels: value}} of those whose name begins with `prefix`."""
    found: dict[str, dict[Labels, float]] = {}
    for name, labels, value in Tally.objects.filter(name__startswith=prefix).values_list("name", "labels", "value"):
        found.setdefault(name, {})[_unpack(labels)] = value
    return found


def _pack(labels: Mapping[str, str]) -> str:
    return ",".join(f"{name}={labels[name]}" for name in sorted(labels))


def _unpack(text: str) -> Labels:
    pairs = (part.partition("=") for part in text.split(",") if part)
    return tuple((name, value) for name, _, value in pairs)
