"""A Sentry of the tests' own on 127.0.0.1: it decodes what comes, and answers as it is told to."""

import gzip
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.backends import free_port
from tradewatch.inbox.envelope import Envelope, parse_envelope
from tradewatch.inbox.limits import Limits

KEY = "f" * 32
_BOUNDLESS = Limits(1 << 30, 1 << 30, 1 << 30, 1 << 30)


@dataclass(frozen=True)
class Reply:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"


@dataclass
class Received:
    """An envelope as it came, whatever it was answered with."""

    at: float
    headers: dict[str, str]
    envelope: Envelope
    status: int

    @property
    def event_id(self) -> str:
        return str(self.envelope.headers.get("event_id", ""))

    @property
    def types(self) -> list[str]:
        return [item.type for item in self.envelope.items]

    def document(self, item_type: str) -> Any:
        return next(orjson.loads(item.payload) for item in self.envelope.items if item.type == item_type)


class Upstream:
    """`answer` decides on each envelope; `received` is all that came, in its order."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[Envelope], Reply] = lambda envelope: Reply()
        self.delay_seconds = 0.0
        self._lock = threading.Lock()
        self._server: http.server.ThreadingHTTPServer | None = None
        self.port = port or free_port()

    @property
    def dsn(self) -> str:
        return f"http://{KEY}@127.0.0.1:{self.port}/42"

    @property
    def is_running(self) -> bool:
        return self._server is not None

    @property
    def taken(self) -> list[Received]:
        return [each for each in self.received if each.status == 200]

    @property
    def ids(self) -> list[str]:
        return [each.event_id for each in self.taken]

    def start(self) -> "Upstream":
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

            def do_POST(self) -> None:
                upstream.take(self)

            def log_message(self, *_: object) -> None:
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        http.server.ThreadingHTTPServer.request_queue_size = 64
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        length = int(handler.headers["content-length"] or 0)
        raw = handler.rfile.read(length)
        if not raw or len(raw) < length:  # the connection broke in the middle
            handler.close_connection = True
            return
        assert handler.path == "/api/42/envelope/", handler.path
        assert f"sentry_key={KEY}" in handler.headers["x-sentry-auth"]
        envelope = parse_envelope(gzip.decompress(raw), _BOUNDLESS)
        if self.delay_seconds:
            time.sleep(self.delay_seconds)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            reply = self.answer(envelope) if self._server is not None else Reply(503)
            self.received.append(Received(time.time(), headers, envelope, reply.status))
        handler.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(reply.body)


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    upstream = Upstream().start()
    try:
        yield upstream
    finally:
        upstream.stop()
