"""A target for replays: it takes its time for each answer, and knows how many requests were under way at once."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request; `began_at` on the monotonic clock."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    began_at: float


Answers = Callable[[Asked], int]


@dataclass
class Target:
    """`answers` says the status. Moments are of the monotonic clock."""

    answers: Answers
    seconds: float
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0
    hung_up: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def last_at(self) -> float:
        return max((each.began_at for each in self.asked), default=0.0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            asked = await _read(reader)
            self.asked.append(asked)
            self.under_way += 1
            self.most_at_once = max(self.most_at_once, self.under_way)
            gone = asyncio.create_task(reader.read(1))
            try:
                done, _ = await asyncio.wait({gone}, timeout=self.seconds)
            finally:
                self.under_way -= 1
            if done:
                self.hung_up += 1
            else:
                status = self.answers(asked)
                content = json.dumps({"status": status}).encode()
                head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
                writer.write(head.encode() + b"Connection: close\r\n\r\n" + content)
                await writer.drain()
            gone.cancel()
        writer.close()


@contextlib.contextmanager
def running_target(answers: Answers = lambda asked: 200, *, seconds: float = 0.0, port: int = 0) -> Iterator[Target]:
    target, loop = Target(answers, seconds), asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(target.serve, "127.0.0.1", port, backlog=256))
    target.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield target
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *lines = head.strip().split("\r\n")
    method, path, _ = line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
    content = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, path, headers, json.loads(content) if content else None, time.monotonic())
