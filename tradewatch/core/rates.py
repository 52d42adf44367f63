"""Counting per minute in the cache: one process's memory, or Redis and then shared by all."""

import time

from django.core.cache import cache


def seconds_until_allowed(key: str, *, limit: int, now: float | None = None) -> int | None:
    """Count one use of `key` in the running minute. None: within `limit`; else the seconds until the minute ends."""
    moment = time.time() if now is None else now
    minute = int(moment // 60)
    slot = f"rate:{key}:{minute}"
    cache.add(slot, 0, timeout=120)
    try:
        used = cache.incr(slot)
    except ValueError:  # evicted between the two calls
        return None
    return None if used <= limit else max(1, 60 - int(moment % 60))
