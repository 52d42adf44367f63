"""A venue on a local port, in raw sockets so that it can fail as real ones do.

XSLO never answers; XRST hangs up with a TCP reset; every other venue takes the order.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TAKEN = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends RST in place of FIN
NEVER_SECONDS = 30


@asynccontextmanager
async def running_venue() -> AsyncIterator[str]:
    """Yield the URL of a venue simulator on 127.0.0.1."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        venue = await _read_order(reader)
        if venue == "XSLO":
            await _wait_for_hang_up(reader)
        elif venue == "XRST":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            writer.transport.abort()
        else:
            writer.write(TAKEN)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass  # the client went away, or the service ends
    finally:
        writer.close()


async def _read_order(reader: asyncio.StreamReader) -> str:
    """Read one request to its end and return the venue that its path names: /XLON/orders."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    length = next(line for line in lines if line.lower().startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))
    return lines[0].split(b" ")[1].split(b"/")[1].decode()


async def _wait_for_hang_up(reader: asyncio.StreamReader) -> None:
    try:
        async with asyncio.timeout(NEVER_SECONDS):
            while await reader.read(4096):
                pass
    except TimeoutError:
        pass
