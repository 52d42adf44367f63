"""Event to dashboard: from sending an event until a watching browser's socket is told of its issue."""

import asyncio
import re
import statistics
import subprocess
import sys
import time
from typing import Any

import httpx
import websockets

from benchmarks.load import GENERATOR
from tests.servers import PASSWORD, Server, running_embedded
from tests.walks.senders import envelope

RATE, PROBES = 200, 25


def measure_live() -> dict[str, Any]:
    with running_embedded() as server:
        seconds = PROBES * 0.8 + 5
        load = [
            sys.executable,
            str(GENERATOR),
            "--dsn",
            server.dsn,
            "--gzip",
            "--rate",
            str(RATE),
            "--duration",
            str(seconds),
        ]
        background = subprocess.Popen(load, stdout=subprocess.DEVNULL)
        try:
            delays = asyncio.run(probe(server, server.dsn))
        finally:
            background.wait(60)
    ms = sorted(1000 * delay for delay in delays)
    return {"rate": RATE, "probes": len(ms), "median_ms": round(statistics.median(ms)), "max_ms": round(ms[-1])}


async def probe(server: Server, dsn: str) -> list[float]:
    cookies = await log_in(server)
    url = f"{server.url.replace('http', 'ws', 1)}/ws/live/?window=15m"
    headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items()), "Origin": server.url}
    async with (
        websockets.connect(url, additional_headers=headers, max_size=None) as socket,
        httpx.AsyncClient() as client,
    ):
        await asyncio.sleep(2)
        return [await time_one(socket, client, dsn, number) for number in range(PROBES)]


async def time_one(socket: Any, client: httpx.AsyncClient, dsn: str, number: int) -> float:
    """Send one event of a new issue, named like nothing else, and wait until the socket speaks of it."""
    await asyncio.sleep(0.5)
    name = f"Probe{'abcdefghijklmnopqrstuvwxyz'[number % 26]}{number}Error"
    event_id = f"{number:032x}"
    body = re.sub(rb"(Venue|Quote|Risk|Margin|Settle)Error", name.encode(), envelope(event_id))
    body = re.sub(rb'"length":\d+', b'"length":%d' % len(body.split(b"\n")[2]), body)
    key, rest = dsn.removeprefix("http://").split("@", 1)
    host, project = rest.split("/", 1)
    started = time.monotonic()
    answer = await client.post(f"http://{host}/api/{project}/envelope/?sentry_key={key}", content=body)
    answer.raise_for_status()
    async with asyncio.timeout(10):
        while name not in await socket.recv():
            pass
    return time.monotonic() - started


async def log_in(server: Server) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=server.url, follow_redirects=False) as client:
        page = await client.get("/admin/login/")
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found is not None
        form = {"csrfmiddlewaretoken": found[1], "username": "admin", "password": PASSWORD}
        answer = await client.post("/admin/login/", data=form, headers={"Referer": server.url})
        assert answer.status_code == 302, "the login was refused"
        return dict(client.cookies)
