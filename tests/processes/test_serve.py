"""`manage.py serve` as a person runs it: starts, heals, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from tests.backends import wait_until
from tests.servers import ROOT, Server, running_embedded, running_from_nothing

pytestmark = [pytest.mark.server, pytest.mark.once]


@pytest.fixture(scope="module")
def serving() -> Iterator[Server]:
    with running_from_nothing() as server:
        wait_until(server.worker_pid, what="the worker")
        yield server


def test_the_first_start_prints_the_login_and_the_dsn(serving: Server) -> None:
    printed = serving.log("serve")
    assert serving.dsn in printed
    assert "admin" in printed


def test_a_second_server_on_the_same_data_is_refused(serving: Server) -> None:
    command = [sys.executable, "manage.py", "serve", "--port", "1"]
    second = subprocess.run(command, cwd=ROOT, env=serving.env, capture_output=True, text=True, timeout=120)
    assert second.returncode != 0
    assert "TRADEWATCH_HOME" in second.stderr


def test_a_killed_worker_is_started_again(serving: Server) -> None:
    first = serving.worker_pid()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: serving.worker_pid() != first, what="a new worker")


def test_the_worker_ends_with_a_killed_server() -> None:
    with running_embedded() as server:
        wait_until(server.worker_pid, what="the worker")
        worker = psutil.Process(server.worker_pid())
        server.processes["serve"].kill()
        worker.wait(timeout=60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_leaves_no_process(number: signal.Signals) -> None:
    with running_embedded() as server:
        wait_until(server.worker_pid, what="the worker")
        worker = psutil.Process(server.worker_pid())
        server.processes["serve"].send_signal(number)
        server.processes["serve"].wait(60)
        assert not worker.is_running()


def test_a_bad_setting_stops_the_start_and_names_itself() -> None:
    env = {**os.environ, "SENTRY_ERROR_RATE_THRESHOLD": "1.5", "PORT": "eight", "TRADEWATCH_DOTENV": "/nonexistent"}
    command = [sys.executable, "manage.py", "serve"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert "SENTRY_ERROR_RATE_THRESHOLD: expected a number from 0 to 1, got '1.5'" in done.stderr
    assert "PORT: expected a whole number, got 'eight'" in done.stderr
