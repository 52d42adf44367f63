from uuid import uuid4

import pytest
import time_machine

from tradewatch.core.memory_cache import SWEEP_SECONDS, MemoryCache


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache(uuid4().hex, {"OPTIONS": {"MAX_ENTRIES": 1000}})


def kept(cache: MemoryCache) -> int:
    return len(cache._cache)


def test_what_expired_goes_without_being_asked_for(cache: MemoryCache) -> None:
    with time_machine.travel(1_000_000, tick=False) as clock:
        for minute in range(500):
            cache.set(f"minute-{minute}", "x" * 100, 60)
            clock.shift(60)
            assert kept(cache) <= 2
        cache.add("counter", 0, 120)
        assert (kept(cache), cache.get("counter"), cache.get("minute-499")) == (1, 0, None)
        assert len(cache._expire_info) == 1


def test_what_is_good_stays(cache: MemoryCache) -> None:
    with time_machine.travel(1_000_000, tick=False) as clock:
        cache.set("forever", 1, None)
        cache.set("hour", 2, 3600)
        for _ in range(100):
            clock.shift(SWEEP_SECONDS)
            cache.set("now", 3, 5)
        assert cache.get_many(["forever", "hour", "now"]) == {"forever": 1, "hour": 2, "now": 3}


def test_threads_share_a_sweep_and_a_clock_set_back_hinders_none(cache: MemoryCache) -> None:
    other = MemoryCache(cache._name, {})
    with time_machine.travel(1_000_000, tick=False) as clock:
        cache.set("one", 1, 5)
        clock.shift(SWEEP_SECONDS - 1)
        other.set("two", 2, 5)
        assert kept(cache) == 2  # swept less than ten seconds ago
        clock.shift(1)
        other.set("three", 3, 5)
        assert kept(cache) == 2
        clock.shift(-900_000)
        cache.set("four", 4, 5)
        clock.shift(SWEEP_SECONDS)
        cache.set("five", 5, 5)
        assert cache.get("four") is None
        assert cache.get("five") == 5
