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
        request = await reader.readuntil(b"\r\n")
        venue = request.split(b" ")[1].split(b"/")[1].decode()
        if venue == "XSLO":
            await _wait_for_hang_up(reader)
        elif venue == "XRST":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        else:
            await _read_rest(reader)
            writer.write(TAKEN)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client went away
    finally:
        writer.close()


async def _read_rest(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))


async def _wait_for_hang_up(reader: asyncio.StreamReader) -> None:
    try:
        async with asyncio.timeout(NEVER_SECONDS):
            while await reader.read(4096):
                pass
    except TimeoutError:
        pass
