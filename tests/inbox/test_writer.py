import asyncio
import threading
from collections.abc import Sequence

import pytest

from tests.inbox.builders import make_arrived
from tradewatch.inbox.queue import Arrived
from tradewatch.inbox.writer import NotStoredError, Writer


class FakeQueue:
    """Keeps batches in memory; a commit blocks while `gate` is closed and fails while `error` is set."""

    def __init__(self) -> None:
        self.batches: list[list[Arrived]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.error: Exception | None = None
        self.is_closed = False

    def append(self, batch: Sequence[Arrived]) -> None:
        self.entered.set()
        assert self.gate.wait(10)
        if self.error:
            raise self.error
        self.batches.append(list(batch))

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def queue():
    return FakeQueue()


@pytest.fixture
def writer(queue):
    writer = Writer(queue, max_waiting=5, max_waiting_bytes=1_000)
    writer.start()
    yield writer
    queue.gate.set()
    writer.stop()


async def wait_until_writing(queue: FakeQueue) -> None:
    assert await asyncio.to_thread(queue.entered.wait, 10)


async def test_a_lone_envelope_is_committed_at_once(writer, queue):
    await asyncio.wait_for(writer.put(make_arrived(b"one")), 5)
    assert [[arrived.body for arrived in batch] for batch in queue.batches] == [[b"one"]]


async def test_what_arrives_during_a_commit_shares_the_next_one(writer, queue):
    queue.gate.clear()
    first = asyncio.create_task(writer.put(make_arrived(b"0")))
    await wait_until_writing(queue)
    others = [asyncio.create_task(writer.put(make_arrived(str(n).encode()))) for n in (1, 2, 3)]
    await asyncio.sleep(0)
    assert not first.done()
    queue.gate.set()
    await asyncio.wait_for(asyncio.gather(first, *others), 5)
    assert [[arrived.body for arrived in batch] for batch in queue.batches] == [[b"0"], [b"1", b"2", b"3"]]


async def test_a_failed_commit_is_told_to_all_who_wait_and_the_next_one_works(writer, queue):
    queue.error = OSError("disk full")
    outcomes = await asyncio.gather(*(writer.put(make_arrived()) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [NotStoredError] * 3
    queue.error = None
    await asyncio.wait_for(writer.put(make_arrived(b"after")), 5)
    assert queue.batches[-1][0].body == b"after"


@pytest.mark.parametrize(("count", "body_bytes"), [(5, 1), (2, 500)])
async def test_a_full_writer_refuses_instead_of_growing(writer, queue, count, body_bytes):
    queue.gate.clear()
    first = asyncio.create_task(writer.put(make_arrived()))
    await wait_until_writing(queue)
    waiting = [asyncio.create_task(writer.put(make_arrived(b"x" * body_bytes))) for _ in range(count)]
    await asyncio.sleep(0)
    with pytest.raises(NotStoredError, match="Too many"):
        await writer.put(make_arrived(b"x" * body_bytes))
    queue.gate.set()
    await asyncio.wait_for(asyncio.gather(first, *waiting), 5)
    await asyncio.wait_for(writer.put(make_arrived(b"again")), 5)


async def test_a_body_larger_than_the_whole_bound_passes_when_nothing_waits(writer, queue):
    await asyncio.wait_for(writer.put(make_arrived(b"x" * 5_000)), 5)
    assert len(queue.batches) == 1


async def test_stopping_commits_what_waits_and_refuses_what_comes_after(writer, queue):
    queue.gate.clear()
    tasks = [asyncio.create_task(writer.put(make_arrived()))]
    await wait_until_writing(queue)
    tasks.append(asyncio.create_task(writer.put(make_arrived())))
    await asyncio.sleep(0)
    queue.gate.set()
    await asyncio.to_thread(writer.stop)
    await asyncio.wait_for(asyncio.gather(*tasks), 5)
    assert sum(map(len, queue.batches)) == 2
    assert queue.is_closed
    with pytest.raises(NotStoredError, match="shutting down"):
        await writer.put(make_arrived())


async def test_a_request_that_went_away_does_not_disturb_the_others(writer, queue):
    queue.gate.clear()
    gone = asyncio.create_task(writer.put(make_arrived()))
    await wait_until_writing(queue)
    stays = asyncio.create_task(writer.put(make_arrived()))
    await asyncio.sleep(0)
    gone.cancel()
    queue.gate.set()
    await asyncio.wait_for(stays, 5)
    assert len(queue.batches) == 2


async def test_large_bodies_are_spread_over_several_commits(queue, monkeypatch):
    monkeypatch.setattr("tradewatch.inbox.writer._MAX_BYTES_A_COMMIT", 100)
    writer = Writer(queue)
    puts = [asyncio.create_task(writer.put(make_arrived(b"x" * 60))) for _ in range(3)]
    await asyncio.sleep(0)
    writer.start()
    await asyncio.wait_for(asyncio.gather(*puts), 5)
    await asyncio.to_thread(writer.stop)
    assert [len(batch) for batch in queue.batches] == [1, 1, 1]


async def test_after_each_commit_somebody_is_told(queue):
    told = threading.Event()
    writer = Writer(queue, after_commit=told.set)
    writer.start()
    await asyncio.wait_for(writer.put(make_arrived()), 5)
    assert await asyncio.to_thread(told.wait, 5)
    await asyncio.to_thread(writer.stop)
