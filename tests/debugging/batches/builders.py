"""Requests, targets and batches for tests, with loud defaults."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from debugging.batches.holding import BATCHES_AT_ONCE, Runner
from debugging.batches.running import run_batch
from debugging.batches.trees import Tree
from debugging.models import DebugSession, Replay, ReplayBatch, ReplayTarget
from tests.at_once import until_done
from tests.debugging.builders import NOW, make_session, store_event
from tradewatch.projects.models import Project

ORDER: dict[str, Any] = {
    "account_id": "acc-4",
    "symbol": "ACME",
    "legs": [{"side": "buy", "quantity": 120}, {"side": "sell", "quantity": 7}],
    "notes": "x" * 100,
}


def make_tree(body: Any, *, query: Sequence[Any] = (), headers: Sequence[Any] = ()) -> Tree:
    return {"headers": [list(pair) for pair in headers], "query": [list(pair) for pair in query], "body": body}


def make_target(url: str = "http://127.0.0.1:9", *, project: Project | None = None, **fields: Any) -> ReplayTarget:
    """One of this machine that takes everything."""
    values = {"name": "staging", "kind": "staging", "allows_internal": True, "allows_unsafe": True, "most_at_once": 5}
    known = project or Project.objects.get(slug="default")
    return ReplayTarget.objects.create(
        **{**values, "base_url": url, "project": known, "created_at": NOW, "created_by": "ann", **fields}
    )


def order_session(body: Any = None, *, query: str = "limit=5&page=2") -> DebugSession:
    """A session on an error of POST /orders."""
    headers = [["Content-Type", "application/json"], ["X-Desk", "7"], ["Accept", "*/*"]]
    request = {
        "method": "POST",
        "url": "https://trade.example/orders",
        "query_string": query,
        "headers": headers,
        "data": ORDER if body is None else body,
    }
    return make_session(store_event(request=request))


@contextmanager
def running() -> Iterator[Runner]:
    """Yield a runner that has started what is due, and is at rest in the end."""
    runner = Runner(run_batch)
    try:
        until_done(lambda: runner.start_due(timezone.now()))
        yield runner
    finally:
        wait_at_rest(runner)


def wait_at_rest(runner: Runner, seconds: float = 30.0) -> None:
    """Wait without a look at the database: SQLite in memory lets nobody else write meanwhile."""
    wait_for(lambda: runner.free == BATCHES_AT_ONCE, seconds)


def wait_for(ready: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "it does not come"
        time.sleep(0.005)


def states_of(batch: ReplayBatch) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Replay.objects.filter(batch=batch).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found
