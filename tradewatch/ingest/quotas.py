"""Quotas: so many errors and transactions a project and minute, and so many bytes of log lines.

Each process counts by itself and, where there is Redis, tells the others once a second; within that second they may
take a little more than the quota together.
"""

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from tradewatch.inbox.envelope import Item, Part, Survey, build_envelope


@dataclass(frozen=True, slots=True)
class Kind:
    """What a quota is of. `dropped` are the items that go when it is used up; `categories` are the SDKs' words for it.

    Source: https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/
    """

    name: str
    words: str
    counted: frozenset[str]
    dropped: frozenset[str]
    categories: str
    is_of_bytes: bool = False

    def count(self, parts: Iterable[Part]) -> int:
        """Return how much of the quota these items take: items, or bytes as they are decompressed."""
        return sum(part.end - part.start if self.is_of_bytes else 1 for part in parts if part.type in self.counted)


EVENTS = Kind(
    "events",
    "errors and transactions",
    frozenset({"event", "transaction"}),
    # What means nothing without the event or transaction it came with goes with it.
    frozenset({"event", "transaction", "attachment", "profile"}),
    "error;transaction",
)
LOGS = Kind("logs", "bytes of logs", frozenset({"log"}), frozenset({"log"}), "log_item;log_byte", is_of_bytes=True)
_KEY_SECONDS = 180


@dataclass(slots=True)
class _Window:
    minute: int
    here: int = 0
    told: int = 0  # how much of `here` the others know
    elsewhere: int = 0


class Quotas:
    def __init__(self) -> None:
        self._windows: dict[tuple[int, str], _Window] = {}  # by project and kind
        self._lock = threading.Lock()

    def admit(self, project_id: int, kind: Kind, *, count: int, limit: int, now: float) -> bool:
        """Count `count` and return True when the minute of `now` (epoch seconds) has room for them."""
        with self._lock:
            window = self._window((project_id, kind.name), int(now // 60))
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
        for (project_id, kind), fresh in news.items():
            pipeline.incrby(f"tradewatch:quota:{kind}:{project_id}:{minute}", fresh)
            pipeline.expire(f"tradewatch:quota:{kind}:{project_id}:{minute}", _KEY_SECONDS)
        sums = pipeline.execute()[::2]
        with self._lock:
            for (key, fresh), total in zip(news.items(), sums, strict=True):
                window = self._windows.get(key)
                if window is not None and window.minute == minute:  # else a new minute began meanwhile
                    window.told += fresh
                    window.elsewhere = int(total) - window.told

    def _window(self, key: tuple[int, str], minute: int) -> _Window:
        window = self._windows.get(key)
        if window is None or window.minute != minute:
            window = self._windows[key] = _Window(minute)
        return window


def rest_without(kinds: Collection[Kind], body: bytes, envelope: Survey) -> bytes | None:
    """Return the envelope with what these quotas do not keep out (client reports, sessions, ...); None without any."""
    kept = [part for part in envelope.parts if not any(part.type in kind.dropped for kind in kinds)]
    if not kept:
        return None
    items = (Item(part.type, part.headers, body[part.start : part.end]) for part in kept)
    return build_envelope(envelope.headers, items)
