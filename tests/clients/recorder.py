"""Stands between SDKs and a server, passes envelopes on, and reads them in a way of its own."""

import gzip
import json
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import brotli
import httpx

from tests.backends import wait_until

PASSED_ON = ("x-sentry-auth", "content-encoding", "content-type", "origin", "user-agent", "authorization")


@dataclass(frozen=True)
class SentSpan:
    span_id: str
    parent_id: str | None
    op: str
    name: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class Sent:
    """An item as it was sent. `spans` of a transaction: itself first."""

    type: str
    document: dict[str, Any]

    @property
    def _trace(self) -> dict[str, Any]:
        trace: dict[str, Any] = self.document.get("contexts", {}).get("trace") or self.document
        return trace

    @property
    def trace_id(self) -> str:
        return str(self._trace.get("trace_id", ""))

    @property
    def span_id(self) -> str:
        return str(self._trace.get("span_id", ""))

    @property
    def event_id(self) -> str:
        return str(self.document.get("event_id", ""))

    @property
    def release(self) -> str:
        return str(self.document.get("release", ""))

    @property
    def name(self) -> str:
        return str(self.document.get("transaction", ""))

    @property
    def measurements(self) -> dict[str, float]:
        return {name: each["value"] for name, each in (self.document.get("measurements") or {}).items()}

    @property
    def spans(self) -> list[SentSpan]:
        if self.type not in ("transaction", "span"):
            return []
        own = self.document if self.type == "span" else {**self._trace, "description": self.name}
        own = {**own, "start_timestamp": self.document["start_timestamp"], "timestamp": self.document["timestamp"]}
        return [_span(each) for each in (own, *self.document.get("spans", []))]


def _span(document: dict[str, Any]) -> SentSpan:
    return SentSpan(
        document["span_id"],
        document.get("parent_span_id"),
        document.get("op") or "",
        document.get("description") or "",
        _epoch(document["start_timestamp"]),
        _epoch(document["timestamp"]),
    )


def _epoch(moment: str | float) -> float:
    return datetime.fromisoformat(moment).timestamp() if isinstance(moment, str) else moment


@dataclass
class Recorder:
    """`passed_on`: the bodies that the server has answered, of those in `noted`."""

    dsn: str
    sent: list[Sent] = field(default_factory=list)
    noted: list[bytes] = field(default_factory=list)
    passed_on: list[bytes] = field(default_factory=list)

    def note(self, body: bytes) -> None:
        self.noted.append(body)
        lines = iter(body.split(b"\n")[1:])
        for header in lines:
            if not header.strip():
                continue
            payload = next(lines, b"")
            if payload.startswith(b"{"):
                self.sent.append(Sent(json.loads(header)["type"], json.loads(payload)))


@contextmanager
def recording(dsn: str) -> Iterator[Recorder]:
    """Yield a recorder whose DSN leads through it to the server of `dsn`."""
    parts = urlsplit(dsn)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_OPTIONS(self) -> None:
            self._pass_on(b"")

        def do_POST(self) -> None:
            body = self._body()
            recorder.note(_plain(body, self.headers.get("content-encoding", "")))
            try:
                self._pass_on(body)
            finally:
                recorder.passed_on.append(body)

        def _body(self) -> bytes:
            if length := self.headers.get("content-length"):
                return self.rfile.read(int(length))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _pass_on(self, body: bytes) -> None:
            wanted = (*PASSED_ON, "access-control-request-method", "access-control-request-headers")
            headers = {name: value for name in wanted if (value := self.headers.get(name))}
            url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{self.path}"
            answer = httpx.request(self.command, url, content=body, headers=headers, timeout=20)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.startswith(("access-control", "x-sentry", "retry-after", "content-type")):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        key = parts.netloc.rpartition("@")[0]
        recorder = Recorder(f"{parts.scheme}://{key}@127.0.0.1:{server.server_port}{parts.path}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield recorder
        wait_until(lambda: len(recorder.passed_on) == len(recorder.noted), what="the last answer", seconds=60)
        server.shutdown()


def _plain(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "br":
        return bytes(brotli.decompress(body))
    return zlib.decompress(body) if encoding == "deflate" else body
