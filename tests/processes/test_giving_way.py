"""Grown, whoever digests or relays leaves its worker to the other tasks after a moment, and comes back for the rest."""

import time
from collections.abc import Callable, Iterator

import pytest

from tradewatch.core.kick import route_kicks
from tradewatch.inbox.storing import DigestStats
from tradewatch.ingest import tasks as ingest_tasks
from tradewatch.ingest.relay import running
from tradewatch.processes import digesting, tasks


@pytest.fixture
def kicks() -> Iterator[list[str]]:
    kicked: list[str] = []
    route_kicks(kicked.append)
    yield kicked
    route_kicks(lambda work: None)


class _Backlog:
    """Batches that wait to be digested."""

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def digest(self, handlers: object, *, ahead: object = None) -> DigestStats:
        time.sleep(0.002)
        if not self.batches:
            return DigestStats()
        self.batches -= 1
        return DigestStats(rows=750)


@pytest.mark.parametrize(("batches", "left", "kicked"), [(3, False, []), (1_000_000, True, ["digest"])])
def test_a_digest_without_end_gives_way_and_is_kicked_again(
    monkeypatch: pytest.MonkeyPatch, kicks: list[str], batches: int, left: bool, kicked: list[str]
) -> None:
    backlog = _Backlog(batches)
    monkeypatch.setattr(digesting, "may_digest", lambda: True)
    monkeypatch.setattr(digesting, "digest_batch", backlog.digest)
    monkeypatch.setattr(digesting._tally, "add", lambda *_, **__: None)
    monkeypatch.setattr(digesting._tally, "flush_if_due", lambda: None)
    monkeypatch.setattr(tasks, "DIGEST_TASK_SECONDS", 0.05 if left else 60.0)
    tasks.digest()
    assert (bool(backlog.batches), kicks) == (left, kicked)


def test_the_sweep_only_kicks(kicks: list[str]) -> None:
    """Were it a digest itself, then where digests take all workers one more would queue each second."""
    tasks.sweep()
    assert kicks == ["digest"]


@pytest.mark.parametrize(
    ("due", "seconds", "kicked"),
    [([], 60.0, []), ([7], 60.0, []), ([7], 0.01, ["relay"])],
    ids=["nothing is due", "all was sent", "its time is up"],
)
def test_a_relay_without_end_gives_way_and_is_kicked_again(
    monkeypatch: pytest.MonkeyPatch, kicks: list[str], due: list[int], seconds: float, kicked: list[str]
) -> None:
    monkeypatch.setattr(running, "due_upstreams", lambda now: due)
    monkeypatch.setattr(running, "_send", _sending_for(0.02))
    monkeypatch.setattr(ingest_tasks, "SECONDS_A_RUN", seconds)
    ingest_tasks.relay()
    assert kicks == kicked


def _sending_for(seconds: float) -> Callable[..., None]:
    return lambda upstream, stop, deadline: time.sleep(seconds)
