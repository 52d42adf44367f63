"""The cache of an installation without Redis: in the memory of each process, no longer there than it is good for."""

import time
from collections import OrderedDict
from threading import Lock
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache

SWEEP_SECONDS = 10.0

_swept_at: dict[str, float] = {}  # by the name of the cache: each thread has an instance of its own


class MemoryCache(LocMemCache):
    """Django's cache in memory, which by itself forgets an expired value only when its very key is asked for again.

    Keys that name a time (what a page showed of an hour) are not, and would stay until there are MAX_ENTRIES of them.
    """

    _cache: OrderedDict[str, bytes]
    _expire_info: dict[str, float | None]
    _lock: Lock

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self._name = name

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._sweep()
        super().set(key, value, timeout, version)

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        self._sweep()
        return super().add(key, value, timeout, version)

    def _sweep(self) -> None:
        now = time.time()
        if abs(now - _swept_at.get(self._name, 0.0)) < SWEEP_SECONDS:
            return
        _swept_at[self._name] = now
        with self._lock:
            for key in [key for key, until in self._expire_info.items() if until is not None and until <= now]:
                del self._expire_info[key], self._cache[key]
