"""Under a backlog the worker has a process prepare ahead; whatever happens to it, every event is stored once."""

import os
import signal
import threading
from collections.abc import Iterator

import psutil
import pytest

from benchmarks.load import digested, send
from tests.backends import wait_until
from tests.servers import Server, running_embedded

pytestmark = [pytest.mark.server, pytest.mark.once]
EVENTS = 12_000


@pytest.fixture
def busy() -> Iterator[Server]:
    """A server with more to digest than one batch holds, while the load still comes in."""
    with running_embedded() as server:
        load = threading.Thread(target=send, args=(server, "--events", str(EVENTS), "--prebuild-mb", "100"))
        load.start()
        try:
            wait_until(lambda: preparers(server), what="a process that prepares ahead", seconds=60)
            yield server
        finally:
            load.join(120)


def preparers(server: Server) -> list[psutil.Process]:
    return [child for child in psutil.Process(server.worker_pid()).children() if "prepare" in child.cmdline()]


def test_a_killed_process_costs_nothing(busy: Server) -> None:
    preparers(busy)[0].kill()
    wait_until(lambda: digested(busy) == EVENTS, what="all events", seconds=120)
    assert busy.drain()["dead"] == 0
    assert digested(busy) == EVENTS


def test_it_ends_with_a_killed_worker(busy: Server) -> None:
    (preparer,) = preparers(busy)
    os.kill(busy.worker_pid(), signal.SIGKILL)
    preparer.wait(timeout=30)
    wait_until(lambda: digested(busy) == EVENTS, what="all events, by a new worker", seconds=120)
