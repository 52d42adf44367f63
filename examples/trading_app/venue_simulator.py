"""A venue: a service of its own on a local port, in raw sockets so that it can fail as real ones do.

XSLO never answers; XRST hangs up with a TCP reset; every other venue takes the order. Without a framework that the SDK
knows, it continues the caller's trace by hand: three lines in `_serve`.

`python -m examples.trading_app.venue_simulator` prints its URL and serves until its stdin ends.
"""

import asyncio
import os
import socket
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import sentry_sdk
from sentry_sdk.consts import SPANSTATUS

RELEASE = "venue-simulator@1.0.0"
TAKEN = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends RST in place of FIN
NEVER_SECONDS = 30
MATCH_SECONDS = 0.003
NAME = "POST /{venue}/orders"


@dataclass(frozen=True)
class Call:
    venue: str
    headers: dict[str, str]


@asynccontextmanager
async def running_venue() -> AsyncIterator[str]:
    """Yield the URL of a venue simulator on 127.0.0.1, in this process."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@asynccontextmanager
async def running_venue_process() -> AsyncIterator[str]:
    """Yield the URL of a venue simulator in a process of its own, which ends with this one."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin and process.stdout
    url = (await process.stdout.readline()).decode().strip()
    if not url:
        raise RuntimeError(f"the venue did not start (exit code {await process.wait()})")
    try:
        yield url
    finally:
        process.stdin.close()
        await process.wait()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        call = await _read_order(reader)
        with sentry_sdk.isolation_scope():
            transaction = sentry_sdk.continue_trace(call.headers, op="http.server", name=NAME, source="route")
            with sentry_sdk.start_transaction(transaction):
                await _answer(call.venue, reader, writer)
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass  # the client went away, or the service ends
    finally:
        writer.close()


async def _answer(venue: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    span = sentry_sdk.get_current_span()
    assert span
    span.set_data("venue", venue)
    if venue == "XSLO":
        span.set_status(SPANSTATUS.CANCELLED)
        await _wait_for_hang_up(reader)
    elif venue == "XRST":
        span.set_status(SPANSTATUS.ABORTED)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        writer.transport.abort()
    else:
        with sentry_sdk.start_span(op="function", name="match order"):
            await asyncio.sleep(MATCH_SECONDS)
        span.set_http_status(201)
        writer.write(TAKEN)
        await writer.drain()


async def _read_order(reader: asyncio.StreamReader) -> Call:
    """Read one request to its end; the venue is in its path: /XLON/orders."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request_line, *lines = head.strip().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(request_line.split(" ")[1].split("/")[1], headers)


async def _wait_for_hang_up(reader: asyncio.StreamReader) -> None:
    try:
        async with asyncio.timeout(NEVER_SECONDS):
            while await reader.read(4096):
                pass
    except TimeoutError:
        pass


async def _main() -> None:
    sentry_sdk.init(
        dsn=os.environ.get("VENUE_DSN") or os.environ.get("TRADEWATCH_DSN", ""),
        release=RELEASE,
        environment=os.environ.get("SENTRY_ENVIRONMENT", "production"),
        enable_logs=True,
        traces_sample_rate=float(os.environ.get("SENTRY_TRACES_SAMPLE_RATE", "1.0")),
    )
    async with running_venue() as url:
        print(url, flush=True)
        await asyncio.to_thread(sys.stdin.read)
    sentry_sdk.flush(timeout=10)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_main())
