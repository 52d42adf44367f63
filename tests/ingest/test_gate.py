"""The edge on a disk that fills: refused before anything is written, taken again by itself."""

import logging

import pytest
from django.conf import settings as live_settings

from tests.backends import wait_until
from tests.ingest.builders import AUTH, EVENT
from tests.ingest.conftest import read_queue
from tradewatch.ingest import edge
from tradewatch.ingest import gate as module
from tradewatch.ingest.answers import RefusedError
from tradewatch.ingest.edge import edge_stats
from tradewatch.ingest.gate import COPIES, DiskGate
from tradewatch.performance.disk.marks import Marks
from tradewatch.performance.disk.room import Room

MARKS = Marks(total_bytes=100 << 20, low=50 << 20, high=40 << 20, resume=20 << 20, critical=10 << 20)


def room(free_mb: int) -> Room:
    return Room(MARKS, free_mb << 20)


def is_refused(gate: DiskGate, body_bytes: int = 1) -> bool:
    try:
        gate.spend(body_bytes)
    except RefusedError as refusal:
        assert refusal.answer.status == 429
        return True
    return False


@pytest.mark.parametrize(
    ("course", "refused"),
    [
        ((11,), False),
        ((9,), True),
        ((9, 19), True),
        ((9, 21), False),
        ((9, 21, 11), False),
        ((), False),
    ],
)
def test_it_closes_at_the_critical_mark_and_opens_somewhat_above(course, refused) -> None:
    gate = DiskGate()
    for free in course:
        gate.heed(room(free))
    assert is_refused(gate) == refused


def test_what_waits_to_be_digested_is_owed_already() -> None:
    gate = DiskGate()
    gate.heed(room(40), waiting_bytes=9 << 20)
    assert not is_refused(gate)
    gate.heed(room(40), waiting_bytes=11 << 20)
    assert is_refused(gate)


def test_a_burst_between_two_looks_does_not_find_the_last_bytes() -> None:
    gate = DiskGate()
    gate.heed(room(16))
    body = (1 << 20) // COPIES
    assert [is_refused(gate, body) for _ in range(8)] == [False] * 6 + [True] * 2
    gate.heed(room(16))
    assert not is_refused(gate, body)


def test_it_says_so_once_and_without_a_word_of_what_came(caplog) -> None:
    gate = DiskGate()
    with caplog.at_level(logging.WARNING):
        for free in (9, 8, 7, 30, 31):
            gate.heed(room(free))
    assert [record.getMessage() for record in caplog.records] == [
        "disk critical: events are refused free_mb=9 mark_mb=10",
        "disk no longer critical: events are taken free_mb=30 mark_mb=20",
    ]


@pytest.mark.skipif(live_settings.IS_POSTGRES, reason="its disk is elsewhere: the budget's measure is brought")
async def test_a_client_is_told_to_wait_with_everything_and_nothing_is_stored(client, accepting, monkeypatch) -> None:
    free = [5]
    monkeypatch.setattr(module, "disk_room", lambda: room(free[0]))
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(module, "waiting_bytes", lambda *, enough: 0)
    accepting()
    for path in ("/api/1/envelope/", "/api/1/store/"):
        answer = await client.post(path, content=EVENT, headers=AUTH)
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "60"
        assert answer.headers["x-sentry-rate-limits"] == "60::organization:disk_full"
        assert "nearly full" in answer.json()["detail"] == answer.headers["x-sentry-error"]
    assert (await client.post("/api/1/envelope/", content=EVENT)).status_code == 429  # its key would be in the body
    assert (await client.post("/api/1/store/", content=EVENT)).status_code == 401
    assert await read_queue() == [] and edge_stats().refused[429] == 3
    free[0] = 50
    wait_until(lambda: not is_closed(), what="an open gate", seconds=30)
    assert (await client.post("/api/1/envelope/", content=EVENT, headers=AUTH)).status_code == 200
    assert len(await read_queue()) == 1


def is_closed() -> bool:
    return edge._running is None or edge._running.gate.is_closed
