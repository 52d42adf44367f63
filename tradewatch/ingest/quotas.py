"""Quotas: so many errors and transactions a project and minute.

Each process counts by itself and, where there is Redis, tells the others once a second; within that second they may
take a little more than the quota together.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tradewatch.inbox.envelope import Item, Part, Survey, build_envelope

COUNTED_TYPES = frozenset({"event", "transaction"})
# What means nothing without the event or transaction it came with goes with it.
_DROPPED_TYPES = COUNTED_TYPES | {"attachment", "profile"}
_KEY_SECONDS = 180


@dataclass(slots=True)
class _Window:
    minute: int
    here: int = 0
    told: int = 0  # how much of `here` the others know
    elsewhere: int = 0


class Quotas:
    def __init__(self) -> None:
        self._windows: dict[int, _Window] = {}
        self._lock = threading.Lock()

    def admit(self, project_id: int, *, count: int, limit: int, now: float) -> bool:
        """Count `count` and return True when the minute of `now` (epoch seconds) has room for them."""
        with self._lock:
            window = self._window(project_id, int(now // 60))
            if window.here + window.elsewhere + count > limit:
                return False
            window.here += count
            return True

    def share(self, redis: Any, *, now: float) -> None:
        """Add what was counted since the last call to the sums in `redis`, and read what the others counted."""
        minute = int(now // 60)
        with self._lock:
            self._windows = {key: window for key, window in self._windows.items() if window.minute >= minute}
            news = {key: window.here - window.told for key, window in self._windows.items()}
        if not news:
            return
        pipeline = redis.pipeline(transaction=False)
        for project_id, fresh in news.items():
            pipeline.incrby(f"tradewatch:quota:{project_id}:{minute}", fresh)
            pipeline.expire(f"tradewatch:quota:{project_id}:{minute}", _KEY_SECONDS)
        sums = pipeline.execute()[::2]
        with self._lock:
            for (project_id, fresh), total in zip(news.items(), sums, strict=True):
                window = self._windows.get(project_id)
                if window is not None and window.minute == minute:  # else a new minute began meanwhile
                    window.told += fresh
                    window.elsewhere = int(total) - window.told

    def _window(self, project_id: int, minute: int) -> _Window:
        window = self._windows.get(project_id)
        if window is None or window.minute != minute:
            window = self._windows[project_id] = _Window(minute)
        return window


def counted_items(parts: Sequence[Part]) -> int:
    return sum(part.type in COUNTED_TYPES for part in parts)


def unlimited_rest(body: bytes, envelope: Survey) -> bytes | None:
    """Return the envelope with only what a quota never limits (client reports, sessions, ...); None without any."""
    kept = [part for part in envelope.parts if part.type not in _DROPPED_TYPES]
    if not kept:
        return None
    items = (Item(part.type, part.headers, body[part.start : part.end]) for part in kept)
    return build_envelope(envelope.headers, items)
