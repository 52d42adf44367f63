"""Starts real TradeWatch servers for tests and benchmarks, and ends what it started by process id.

Embedded: one `manage.py serve`. Grown (when DATABASE_URL and REDIS_URL are set): two uvicorn processes on ports of
their own, two Celery workers and beat, on a fresh database. Migrations run once a test process: each server begins
with a copy of what they made, unless it is asked to begin with nothing.
"""

import contextlib
import functools
import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import redis

from tests.backends import free_port, wait_until
from tests.commands import MANAGE, ROOT, Prepared, run_command
from tests.migrated import hashed, made_once

PASSWORD = "correct horse 7"
BESIDE = frozenset({"drain", "dsn", "shell", "token"})
_STORE = "tradewatch.sqlite3"
WEB_OPTIONS = (  # as deploy/ starts it
    *("--no-access-log", "--http", "tradewatch.processes.http:BoundedHttp", "--timeout-graceful-shutdown", "5"),
)


@dataclass
class Server:
    """A running TradeWatch. `urls` are its web processes; `url` is the first."""

    home: Path
    env: dict[str, str]
    ports: list[int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    prepared: Prepared | None = None

    @property
    def folder(self) -> Path:
        """Where its processes run: empty, so that a test sees whatever one of them leaves there."""
        return self.home / "run"

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    @property
    def url(self) -> str:
        return self.urls[0]

    @property
    def dsn(self) -> str:
        return self.manage("dsn").strip()

    def manage(self, *arguments: str, timeout: float = 120) -> str:
        """Run a management command against this server's data; return what it printed.

        What tests ask beside their way runs in a process that has loaded all; what they walk starts as people do it.
        """
        if arguments[0] not in BESIDE:
            return run_command(arguments, folder=self.folder, env=self.env, timeout=timeout)
        if self.prepared is None or self.prepared.env != self.env:
            self._forget_prepared()
            self.prepared = Prepared(folder=self.folder, env=self.env)
        return self.prepared.run(arguments, timeout=timeout)

    def _forget_prepared(self) -> None:
        if self.prepared is not None:
            self.prepared.stop()
        self.prepared = None

    def drain(self, timeout: int = 60) -> dict[str, object]:
        """Wait until what was sent is digested: until two looks find nothing waiting, and nothing new between them.

        An SDK sends from a thread of its own: what it was given a moment ago may only be on its way.
        """
        seen, answer = None, self._drain(timeout)
        for _ in range(10):  # where the traffic goes on, there is news at each look
            if answer["digested"] == seen:
                break
            seen = answer["digested"]
            time.sleep(1.5)
            answer = self._drain(timeout)
        return answer

    def _drain(self, timeout: int) -> dict[str, object]:
        answer: dict[str, object] = json.loads(self.manage("drain", "--timeout", str(timeout)))
        return answer

    def token(self, *scopes: str, project: str = "") -> str:
        """Return a new token, bound to the project where one is named."""
        bound = ("--project", project) if project else ()
        return self.manage("token", "test", *(part for scope in scopes for part in ("--scope", scope)), *bound).strip()

    def start(self, name: str, command: list[str]) -> None:
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=self.folder, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text(errors="replace")

    def worker_pid(self) -> int:
        """Return the process id of the embedded worker."""
        children = psutil.Process(self.processes["serve"].pid).children()
        return next(child.pid for child in children if "work" in child.cmdline())

    def memory_mb(self) -> float:
        """Return the proportional set size of all processes together, in MB."""
        return sum(p.memory_full_info().pss for p in self._tree()) / 1e6

    def stop(self) -> None:
        self._forget_prepared()
        everyone = self._tree()
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(everyone, timeout=15)
        for left in alive:
            left.kill()

    def _tree(self) -> list[psutil.Process]:
        roots = [psutil.Process(p.pid) for p in self.processes.values() if p.poll() is None]
        return [p for root in roots for p in [root, *root.children(recursive=True)]]


@contextlib.contextmanager
def running_server(**variables: str) -> Iterator[Server]:
    """Yield a server that answers; grown when DATABASE_URL and REDIS_URL are in the environment."""
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        with running_embedded(**variables) as server:
            yield server
        return
    with migrated_database(os.environ["DATABASE_URL"]) as database:
        grown = {"DATABASE_URL": database, "REDIS_URL": os.environ["REDIS_URL"], **variables}
        with _running(start_grown, ports=2, variables=grown) as server:
            yield server


def running_embedded(**variables: str) -> contextlib.AbstractContextManager[Server]:
    """Return a context that yields `manage.py serve` on SQLite, whatever the environment says."""
    return _running(_start_on_copy, ports=1, variables=variables)


def running_from_nothing(**variables: str) -> contextlib.AbstractContextManager[Server]:
    """The same on an empty data folder, as on a first start."""
    return _running(start_embedded, ports=1, variables=variables)


def empty_server(*, ports: int = 1, **variables: str) -> contextlib.AbstractContextManager[Server]:
    """Return a context that yields a server of which nothing is started yet."""
    return _running(lambda server: None, ports=ports, variables=variables)


@contextlib.contextmanager
def _running(start: Callable[[Server], None], *, ports: int, variables: dict[str, str]) -> Iterator[Server]:
    home = Path(tempfile.mkdtemp(prefix="tw-home-"))
    server = Server(home, _environment(home), [free_port() for _ in range(ports)])
    server.folder.mkdir()
    server.env |= {"TRADEWATCH_URL": server.url, "PORT": str(server.ports[0]), **variables}
    try:
        start(server)
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def start_embedded(server: Server) -> None:
    server.start("serve", [sys.executable, MANAGE, "serve"])
    wait_healthy(server)


def _start_on_copy(server: Server) -> None:
    shutil.copy(migrated_file(), server.home / _STORE)
    start_embedded(server)


def start_grown(server: Server) -> None:
    redis.Redis.from_url(server.env["REDIS_URL"]).flushdb()
    server.manage("bootstrap")
    for number in range(len(server.ports)):
        start_web(server, number)
        worker = [sys.executable, "-m", "celery", "-A", "tradewatch", "worker", "-c", "1", "-n", f"w{number}@%h"]
        server.start(f"worker{number}", [*worker, "--loglevel", "WARNING"])
    server.start("beat", [sys.executable, "-m", "celery", "-A", "tradewatch", "beat", "--pidfile="])
    wait_healthy(server)


def start_web(server: Server, number: int) -> None:
    web = [sys.executable, "-m", "uvicorn", "tradewatch.asgi:application", "--port", str(server.ports[number])]
    server.start(f"web{number}", [*web, *WEB_OPTIONS])


def wait_healthy(server: Server, seconds: float = 120.0) -> None:
    for url in server.urls:
        try:
            wait_until(
                lambda url=url: urllib.request.urlopen(f"{url}/health", timeout=2).status == 200,
                what=url,
                seconds=seconds,
            )
        except TimeoutError as error:
            logs = "\n".join(f"--- {name}\n{server.log(name)[-3000:]}" for name in server.processes)
            raise RuntimeError(f"{error}\n{logs}") from None


@contextlib.contextmanager
def fresh_database(url: str, *, template: str = "template1") -> Iterator[str]:
    """Yield the URL of a new database on the server of `url`: empty, or a copy of `template`."""
    name = f"tw_{secrets.token_hex(6)}"
    with psycopg.connect(libpq(url), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield named_database(url, name)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def migrated_database(url: str) -> contextlib.AbstractContextManager[str]:
    """Return a context that yields the URL of a new database in which all migrations have run, with calendars."""
    return fresh_database(url, template=_server_template(url))


def named_database(url: str, name: str) -> str:
    path = urlsplit(url).path
    return url.replace(f"{path}?", f"/{name}?", 1) if "?" in url else url.removesuffix(path) + f"/{name}"


@functools.cache
def migrated_template(url: str) -> str:
    """Return the name of a migrated database that nobody connects to; it stays there for later ones."""
    return _template(url, f"tw_template_{hashed()}", "template1", "migrate", "--noinput", "-v", "0")


@functools.cache
def _server_template(url: str) -> str:
    """The same with market calendars: each server would load them in a process of its own, for seconds."""
    return _template(url, f"tw_servers_{hashed()}", migrated_template(url), "load_calendars")


def _template(url: str, name: str, basis: str, *command: str) -> str:
    url = named_database(url, "postgres")
    with made_once("postgres"), psycopg.connect(libpq(url), autocommit=True) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            with fresh_database(url, template=basis) as draft, _temporary_home() as home:
                _prepare(_environment(home) | {"DATABASE_URL": draft}, *command)
                admin.execute(f"CREATE DATABASE {name} TEMPLATE {urlsplit(draft).path.rsplit('/', 1)[-1]}")
    return name


@functools.cache
def migrated_file() -> Path:
    """Return an SQLite file in which all migrations have run, with market calendars."""
    with made_once("store") as kept:
        if not kept.is_file():
            with _temporary_home() as home:
                _prepare(_environment(home), "migrate", "--noinput", "-v", "0")
                _prepare(_environment(home), "load_calendars")
                # What is still in the log beside the file belongs to it.
                with contextlib.closing(sqlite3.connect(home / _STORE)) as store:
                    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                shutil.copy(home / _STORE, kept.with_suffix(".draft"))
            kept.with_suffix(".draft").replace(kept)
    return kept


@contextlib.contextmanager
def _temporary_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tw-template-") as home:
        yield Path(home)


def libpq(url: str) -> str:
    return url.replace("postgres://", "postgresql://", 1)


def _prepare(env: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, MANAGE, *command], env=env, check=True, timeout=600, stdout=subprocess.DEVNULL)


def _environment(home: Path) -> dict[str, str]:
    foreign = ("SENTRY_", "TRADEWATCH_", "DJANGO_", "DATABASE_URL", "REDIS_URL")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # a hundred servers would compile the same files
    return inherited | {
        "TRADEWATCH_HOME": str(home),
        "TRADEWATCH_DOTENV": "/nonexistent",
        "TRADEWATCH_ADMIN_PASSWORD": PASSWORD,
        "TRADEWATCH_DISK_HEADROOM_MB": "16",  # a machine's almost full disk is no matter of the tests
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
    }
