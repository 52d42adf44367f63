"""CPU seconds for 1,000 events, process by process: what carries a load, and which process is full first.

    python -m benchmarks.scaling [--grown] [--events 6000] [--only errors,transactions,logs,relay,live,idle]

Starts `manage.py serve` on SQLite, or with `--grown` a PostgreSQL, a Redis, two web processes, two Celery workers of one
process each, and beat. Sends each load with the generator, waits until all of it is digested (or relayed), and prints a
JSON line: CPU seconds of each kind of process by the kernel's account, for 1,000 events (log lines, envelopes), and
events/s as seen. CPU seconds hold on a machine that others use too, events/s do not. The generator's own CPU is left out.
"""

import argparse
import asyncio
import contextlib
import functools
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil
import redis
import websockets

from benchmarks.live import log_in
from benchmarks.load import send
from tests.backends import running_postgres, running_redis, wait_until
from tests.ingest.relay.upstream import running_upstream
from tests.servers import Server, running_server

LINES_A_CONTAINER, SOCKETS, LIVE_SECONDS, IDLE_SECONDS = 100, 20, 20, 30
LONGEST_SECONDS = 600
_KINDS = {  # a word of the command line, and what it is called here; the first that fits
    "prepare": "digest", "work": "digest", "relay": "relay", "serve": "web", "uvicorn": "web",
    "worker": "digest", "beat": "beat",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grown", action="store_true")
    parser.add_argument("--events", type=int, default=6_000)
    parser.add_argument("--only", default=",".join(LOADS))
    asked = parser.parse_args()
    with backends(is_grown=asked.grown):
        for name in asked.only.split(","):
            line = LOADS[name](asked.events)
            print(
                json.dumps({"load": name, "grown": asked.grown, **line, "load_average": os.getloadavg()[0]}), flush=True
            )


@contextlib.contextmanager
def backends(*, is_grown: bool) -> Iterator[None]:
    """Have servers start embedded, or on a PostgreSQL and a Redis of this run's own."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    if not is_grown:
        yield
        return
    with running_postgres() as database, running_redis() as broker:
        os.environ |= {"DATABASE_URL": database, "REDIS_URL": broker}
        yield


def errors(count: int, *options: str, **variables: str) -> dict[str, Any]:
    with running_server(**variables) as server:
        return measured(server, count, lambda: digest(server, lambda: generate(server, count, *options)))


def transactions(count: int) -> dict[str, Any]:
    return errors(count, "--transactions", "1")


def logs(count: int) -> dict[str, Any]:
    """`count` lines for each of ten events of the other loads: a line is small."""
    from benchmarks.logs import _container

    lines = 10 * count
    with running_server() as server:

        def deliver() -> None:
            parts = urlsplit(server.dsn)
            url = f"{server.url}/api{parts.path}/envelope/?sentry_key={parts.username}"
            with httpx.Client() as client:
                for start in range(0, lines, LINES_A_CONTAINER):
                    client.post(url, content=_container(start, time.time() - 60)).raise_for_status()

        return measured(server, lines, lambda: digest(server, deliver))


def relay(count: int) -> dict[str, Any]:
    """Errors that are all relayed too, to an upstream that answers at once."""
    with running_upstream() as upstream, running_server(SENTRY_DSN=upstream.dsn) as server:

        def sent_on() -> None:
            digest(server, lambda: generate(server, count))
            wait_until(lambda: len(upstream.received) >= count, what="all relayed", seconds=LONGEST_SECONDS)

        return measured(server, count, sent_on)


def live(count: int) -> dict[str, Any]:
    """Twenty pages that watch, while errors come at 50 a second. To be compared with `errors`."""
    with running_server() as server:
        return measured(server, 50 * LIVE_SECONDS, lambda: asyncio.run(watch(server))) | {"sockets": SOCKETS}


def idle(count: int) -> dict[str, Any]:
    """Nothing comes: CPU seconds an hour."""
    with running_server() as server:
        time.sleep(10)
        before = cpu_seconds(server)
        time.sleep(IDLE_SECONDS)
        used = cpu_seconds(server) - before
    return {"cpu_s_an_hour": {kind: round(3600 * used[kind] / IDLE_SECONDS) for kind in sorted(used)}}


LOADS: dict[str, Callable[[int], dict[str, Any]]] = {
    "errors": errors, "transactions": transactions, "logs": logs, "relay": relay, "live": live, "idle": idle,
}  # fmt: skip


def generate(server: Server, count: int, *options: str) -> None:
    sent = send(server, "--events", str(count), "--concurrency", "16", *options)
    assert sent["accepted"] == count, sent


def digest(server: Server, deliver: Callable[[], None]) -> None:
    deliver()
    answer = server.drain(timeout=LONGEST_SECONDS)
    assert answer["pending"] == 0 and answer["dead"] == 0, answer


async def watch(server: Server) -> None:
    cookies = await log_in(server)
    url = f"{server.url.replace('http', 'ws', 1)}/ws/live/?window=15m"
    headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items()), "Origin": server.url}
    async with contextlib.AsyncExitStack() as opened:
        for _ in range(SOCKETS):
            socket = await opened.enter_async_context(
                websockets.connect(url, additional_headers=headers, max_size=None)
            )
            opened.push_async_callback(_ended, asyncio.create_task(_read(socket)))
        await asyncio.to_thread(send, server, "--rate", "50", "--duration", str(LIVE_SECONDS))


async def _read(socket: Any) -> None:
    async for _ in socket:
        pass


async def _ended(reading: asyncio.Task[None]) -> None:
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


def measured(server: Server, count: int, run: Callable[[], None]) -> dict[str, Any]:
    """Run a load of `count`; a small one has warmed up what the first one has to load."""
    generate(server, 200)
    server.drain(timeout=LONGEST_SECONDS)
    before, started = cpu_seconds(server), time.monotonic()
    run()
    seconds = time.monotonic() - started
    used = cpu_seconds(server) - before
    return {
        "count": count,
        "cpu_s_per_1000": {kind: round(1000 * used[kind] / count, 3) for kind in sorted(used)},
        "per_s": round(count / seconds),
    }


def cpu_seconds(server: Server) -> Counter[str]:
    """Return CPU seconds so far by kind of process, those of children that ended with their parent's."""
    used: Counter[str] = Counter()
    for root, kind in _roots(server):
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                used[kind or _kind_of(process.cmdline()) or _kind_of(root.cmdline())] += sum(process.cpu_times()[:4])
    return used


def _roots(server: Server) -> Iterator[tuple[psutil.Process, str]]:
    for started in server.processes.values():
        yield psutil.Process(started.pid), ""
    if "REDIS_URL" in os.environ:
        yield psutil.Process(_redis_pid(os.environ["REDIS_URL"])), "redis"
        yield psutil.Process(_postgres_pid(os.environ["DATABASE_URL"])), "postgres"


def _kind_of(command: list[str]) -> str:
    return next((kind for word, kind in _KINDS.items() if word in command), "")


@functools.lru_cache
def _redis_pid(url: str) -> int:
    return int(redis.Redis.from_url(url).info()["process_id"])


@functools.lru_cache
def _postgres_pid(url: str) -> int:
    """Return the pid of the server whose socket lies in its data folder, as `running_postgres` starts it."""
    (folder,) = parse_qs(urlsplit(url).query)["host"]
    return int(Path(folder, "postmaster.pid").read_text().split("\n", 1)[0])


if __name__ == "__main__":
    main()
