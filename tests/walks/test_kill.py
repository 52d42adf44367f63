"""kill -9 of web and worker in turn, under load: what was answered 200 is there, each once, and counted right."""

import os
import signal
import time

import psutil
import pytest

from tests.backends import wait_until
from tests.servers import Server, start_embedded, wait_healthy
from tests.walks.facts import counts
from tests.walks.senders import Sender

pytestmark = pytest.mark.server
KILLS = 10
SECONDS_BETWEEN_KILLS = 1.0


def kill_and_restart(server: Server, number: int) -> None:
    if "serve" in server.processes:
        kill_embedded(server, is_web=number % 2 == 0)
    else:
        name = f"{'web' if number % 2 == 0 else 'worker'}{number // 2 % 2}"
        kill_tree(server.processes[name].pid)
        server.processes[name].wait(10)
        server.start(name, server.processes[name].args)  # type: ignore[arg-type]


def kill_embedded(server: Server, *, is_web: bool) -> None:
    if not is_web:
        wait_until(lambda: server.worker_pid(), what="the worker")
        os.kill(server.worker_pid(), signal.SIGKILL)
        return
    workers = psutil.Process(server.processes["serve"].pid).children()
    server.processes["serve"].kill()
    server.processes["serve"].wait(10)
    start_embedded(server)
    _, left = psutil.wait_procs(workers, timeout=30)
    assert left == [], "a worker outlived its web process"


def kill_tree(pid: int) -> None:
    parent = psutil.Process(pid)
    for process in [*parent.children(recursive=True), parent]:
        process.kill()


def test_nothing_answered_is_lost_or_counted_twice(server: Server) -> None:
    dsn = server.dsn
    sender = Sender([dsn.replace(f":{server.ports[0]}/", f":{port}/") for port in server.ports])
    sender.start()
    for number in range(KILLS):
        time.sleep(SECONDS_BETWEEN_KILLS)
        kill_and_restart(server, number)
    time.sleep(SECONDS_BETWEEN_KILLS)
    wait_healthy(server)
    sender.stop()
    assert len(sender.acked) > 500, "the load never got going"
    assert sender.broken > 0, "no kill was felt"
    answer = server.drain(timeout=90)
    assert (answer["pending"], answer["dead"]) == (0, 0)

    stored = counts(server)
    ids = stored["ids"]
    assert len(ids) == len(set(ids))  # type: ignore[arg-type]
    assert set(sender.acked) - set(ids) == set()  # type: ignore[call-overload]
    assert stored["payloads"] == stored["issue_events"] == stored["minute_events"] == stored["hour_events"] == len(ids)  # type: ignore[arg-type]
