"""A running TradeWatch with all that it talks to: each behind a proxy, its clock and its disk in our hands."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from aiosmtpd.controller import Controller

from tests.alerts.mailbox import Mailbox, subject
from tests.backends import free_port, running_redis, wait_until
from tests.chaos.facts import Store, facts_of
from tests.chaos.invariants import Accepted, broken
from tests.chaos.proxy import Proxy
from tests.chaos.traffic import Traffic
from tests.ingest.relay.upstream import Upstream, running_upstream
from tests.servers import (
    ROOT,
    Server,
    empty_server,
    migrated_database,
    migrated_file,
    start_embedded,
    start_grown,
)

CLOCK_FOLDER = Path(__file__).parent / "clock"
DISK = "1g"  # readiness asks for 512 MB free
SETTLE_SECONDS = 240.0  # a busy machine is slow, not wrong
WINDOW = 8  # envelopes under way to an upstream at once (docs/relay.md)
SET_UP = """
from alerts.models import Route
Route.objects.filter(parent=None).update(group_by=["alert"], group_wait_seconds=0, group_interval_seconds=10)
"""


@dataclass
class Stage:
    """`proxies` by the name of what stands behind them; `disk` is a file system of its own, where one may be had."""

    server: Server
    store: Store
    proxies: dict[str, Proxy]
    mailbox: Mailbox
    upstream: Upstream
    clock: Path
    disk: Path | None = None
    redis_url: str = ""
    traffic: Traffic = field(default_factory=lambda: Traffic([]))
    disturbances: int = 0
    token: str = ""

    @property
    def is_embedded(self) -> bool:
        return self.store.is_sqlite

    def prepare(self) -> None:
        self.server.manage("shell", "--no-imports", "-c", SET_UP)
        self.token = self.server.token("alerts:write")
        dsn = self.server.dsn
        ports = self.server.ports
        self.traffic.dsns = [dsn.replace(f":{ports[0]}/", f":{port}/") for port in ports]
        self.traffic.start()
        wait_until(lambda: len(self.traffic.telling) > 1, what="traffic", seconds=60)

    def accepted(self) -> Accepted:
        traffic = self.traffic
        mails: dict[str, list[str]] = {}
        for mail in list(self.mailbox.mails):
            mails.setdefault(str(mail["Message-ID"]).strip("<> ").partition("@")[0], []).append(subject(mail))
        return Accepted(
            errors=frozenset(traffic.errors),
            transactions=frozenset(traffic.transactions),
            logs=frozenset(traffic.logs),
            telling=list(traffic.telling),
            mails=mails,
            relayed=self.upstream.ids,
            most_again=WINDOW * self.disturbances,
        )

    def settle(self, seconds: float = SETTLE_SECONDS) -> str:
        """Let the senders come to an end, and wait until all invariants hold; return what held last.

        AssertionError says what does not hold.
        """
        self.traffic.pause(seconds)
        deadline, wrong = time.monotonic() + seconds, [""]
        while still := self.broken():
            wrong = still
            assert time.monotonic() < deadline, f"after {seconds:.0f} s: " + "\n".join(wrong[:20])
            self.let_time_pass()
            time.sleep(0.5)
        return wrong[0]

    def broken(self) -> list[str]:
        """Return what does not hold now. Files and readiness cost most, and are looked at when all else is well."""
        accepted = self.accepted()
        try:
            wrong = broken(accepted, facts_of(self.store, []))
            return wrong or broken(accepted, facts_of(self.store, self.server.urls))
        except (sqlite3.Error, psycopg.Error) as error:
            return [f"the database does not answer: {error}"]

    def let_time_pass(self) -> None:
        """Shorten what would take minutes: pauses before another try, and leases that nobody holds any more.

        A mail takes milliseconds here, and a sender renews its lease every window: one that is ten seconds old is of a
        process that is gone.
        """
        for table, column, lease, extra in (
            ("alerts_notification", "lease_until", 120, " AND state = 'sending'"),
            ("ingest_relayupstream", "leased_until", 40, ""),
        ):
            self.store.change(
                f"UPDATE {table} SET {column} = now() WHERE {column} < now() + interval '{lease - 10} s'{extra}",
                f"UPDATE {table} SET {column} = datetime('now') "
                f"WHERE {column} < datetime('now', '+{lease - 10} seconds'){extra}",
            )
        self.store.change(
            "UPDATE alerts_notification SET next_due_at = now() "
            "WHERE state = 'pending' AND next_due_at BETWEEN now() AND now() + interval '10 minutes'",
            "UPDATE alerts_notification SET next_due_at = datetime('now') "
            "WHERE state = 'pending' AND next_due_at BETWEEN datetime('now') AND datetime('now', '+10 minutes')",
        )

    def end_alerts(self) -> None:
        """Resolve the oldest and the newest alert of which somebody was told, as a person would."""
        for which in ("min", "max"):
            query = f"SELECT {which}(id) FROM alerts_alert WHERE title LIKE '%Telling%' AND state <> 'resolved'"
            if alert := self.store.number(query):
                headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
                url = f"{self.server.url}/alerts/{alert}/resolve"
                with urllib.request.urlopen(urllib.request.Request(url, b"{}", headers), timeout=30) as answer:
                    json.load(answer)


@contextlib.contextmanager
def embedded_stage() -> Iterator[Stage]:
    """Yield `manage.py serve` on SQLite, its data on a file system of its own where the machine lets us have one."""
    with _outside() as outside, empty_server(**outside.variables) as server:
        home = server.home / "data"
        home.mkdir()
        with _own_disk(home) as has_disk:
            server.env["TRADEWATCH_HOME"] = str(home)
            outside.give_clock(server)
            shutil.copy(migrated_file(), home / "tradewatch.sqlite3")
            stage = outside.stage(server, Store(home), disk=home if has_disk else None)
            try:
                start_embedded(server)
                stage.prepare()
                yield stage
            finally:
                stage.traffic.stop()
                server.stop()


@contextlib.contextmanager
def grown_stage(postgres: str) -> Iterator[Stage]:
    """Yield two web processes, two workers and beat, on a new database of the server at the URL and a Redis of their
    own, both reached through proxies."""
    with _outside() as outside, migrated_database(postgres) as database, running_redis() as redis:
        path = urlsplit(database)
        target = f"{parse_qs(path.query)['host'][0]}/.s.PGSQL.5432"
        proxies = {"postgres": Proxy(target), "redis": Proxy(("127.0.0.1", int(urlsplit(redis).port or 0)))}
        outside.proxies |= proxies
        through = f"postgres://{path.username}@127.0.0.1:{proxies['postgres'].port}{path.path}?sslmode=disable"
        variables = {"DATABASE_URL": through, "REDIS_URL": f"redis://127.0.0.1:{proxies['redis'].port}/0"}

        with empty_server(ports=2, **outside.variables, **variables) as server:
            outside.give_clock(server)
            stage = outside.stage(server, Store(database.replace("postgres://", "postgresql://", 1)), redis_url=redis)
            try:
                start_grown(server)
                stage.prepare()
                yield stage
            finally:
                stage.traffic.stop()


@dataclass
class _Outside:
    """The receivers of mails and relayed events."""

    mailbox: Mailbox
    upstream: Upstream
    proxies: dict[str, Proxy]

    @property
    def variables(self) -> dict[str, str]:
        return {
            "TRADEWATCH_SMTP_HOST": "127.0.0.1",
            "TRADEWATCH_SMTP_PORT": str(self.proxies["smtp"].port),
            "TRADEWATCH_SMTP_TLS": "false",
            "TRADEWATCH_ALERT_MAIL_TO": "desk@example.com",
            "SENTRY_DSN": self.upstream.dsn.replace(f":{self.upstream.port}/", f":{self.proxies['upstream'].port}/"),
            "SENTRY_TRACES_SAMPLE_RATE": "1",
            "TRADEWATCH_DISK_HEADROOM_MB": "4096",  # a small disk has marks by its percents alone
        }

    def give_clock(self, server: Server) -> None:
        clock = server.home / "clock"
        clock.write_text("0")
        server.env |= {
            "TRADEWATCH_TEST_CLOCK": str(clock),
            "PYTHONPATH": os.pathsep.join([str(CLOCK_FOLDER), str(ROOT)]),
        }

    def stage(self, server: Server, store: Store, *, disk: Path | None = None, redis_url: str = "") -> Stage:
        clock = server.home / "clock"
        return Stage(server, store, self.proxies, self.mailbox, self.upstream, clock, disk, redis_url)


@contextlib.contextmanager
def _outside() -> Iterator[_Outside]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    with running_upstream() as upstream:
        proxies = {
            "smtp": Proxy(("127.0.0.1", controller.port)),
            "upstream": Proxy(("127.0.0.1", upstream.port)),
        }
        try:
            yield _Outside(mailbox, upstream, proxies)
        finally:
            for proxy in proxies.values():
                proxy.close()
            controller.stop()


@contextlib.contextmanager
def _own_disk(folder: Path) -> Iterator[bool]:
    """Mount a file system of 1 GB in memory on the folder, and yield whether that was allowed."""
    if sys.platform != "linux" or os.geteuid() != 0:
        yield False
        return
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tradewatch-chaos", folder], capture_output=True
    )
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", folder], check=False)
