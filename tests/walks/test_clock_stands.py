"""The worker of a real server is stopped: a web process says so by mail, and takes it back once the worker goes on."""

import contextlib
import os
import signal
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.backends import wait_until
from tests.servers import Server, running_embedded
from tests.walks.senders import Sender

pytestmark = [pytest.mark.server, pytest.mark.once]


@contextlib.contextmanager
def store(server: Server) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(server.home / "tradewatch.sqlite3", timeout=1, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def read(server: Server, statement: str) -> list[object]:
    with store(server) as connection:
        return [row[0] for row in connection.execute(statement)]


def stop_between_transactions(server: Server, pid: int) -> None:
    """Stop the worker while it does not hold SQLite's one write lock: then nobody at all could write."""

    def is_stopped() -> bool:
        os.kill(pid, signal.SIGSTOP)
        try:
            with store(server) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            return True
        except sqlite3.OperationalError:
            os.kill(pid, signal.SIGCONT)
            return False

    wait_until(is_stopped, what="a worker that holds no lock", seconds=60)


def mails(server: Server) -> list[str]:
    return [path.read_text(errors="replace") for path in (server.home / "mails").glob("*")]


def test_a_worker_that_is_stopped_is_told_of_and_its_return_too() -> None:
    with running_embedded(TRADEWATCH_ALERT_MAIL_TO="ops@desk.example") as server:
        wait_until(lambda: "the clock runs" in server.log("serve"), what="the clock", seconds=90)
        pid = server.worker_pid()
        stop_between_transactions(server, pid)
        try:
            sender = Sender([server.dsn], pause_seconds=0.01)
            sender.start(1)
            wait_until(lambda: len(sender.acked) >= 20, what="accepted events", seconds=60)
            sender.stop()
            late = (datetime.now(UTC) - timedelta(minutes=5)).strftime("%Y-%m-%d %H:%M:%S")
            with store(server) as connection:  # five minutes pass
                connection.execute("UPDATE core_pulse SET at = ? WHERE name = 'clock'", (late,))
            wait_until(lambda: mails(server), what="the mail", seconds=60)
        finally:
            os.kill(pid, signal.SIGCONT)
        (mail,) = mails(server)
        assert "TradeWatch's clock stands" in mail and "ops@desk.example" in mail
        assert "last ran 5 min ago" in mail and "envelopes wait" in mail and "Start beat and a worker" in mail
        ended = "SELECT state FROM alerts_alert WHERE dedup_key = 'clock'"
        wait_until(lambda: read(server, ended) == ["resolved"], what="the end", seconds=90)
        digested = "SELECT digested_count FROM inbox_cursor"
        wait_until(lambda: read(server, digested) == [len(sender.acked)], what="what was accepted", seconds=90)
