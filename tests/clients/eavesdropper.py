"""Stands between SDKs and TradeWatch, passes everything on, and remembers which transactions went by.

Its reading of envelopes is its own: what it counted can be held against what TradeWatch says.
"""

import contextlib
import gzip
import json
import math
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import brotli

INFLATED_BY = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
NOT_FAILED = ("ok", "cancelled", "unknown")


@dataclass(frozen=True)
class Heard:
    """A transaction as its client sent it."""

    name: str
    release: str
    seconds: float
    is_failed: bool


@dataclass
class Eavesdropper:
    """`dsn` leads through it. `heard` is in no order."""

    dsn: str
    heard: list[Heard] = field(default_factory=list)

    def of(self, name: str) -> list[Heard]:
        return [each for each in self.heard if each.name == name]

    @property
    def names(self) -> set[str]:
        return {each.name for each in self.heard}


def exact_percentile(values: list[float], quantile: float) -> float:
    """Return the value of rank floor(q * (n - 1)), by sorting all of them."""
    return sorted(values)[math.floor(quantile * (len(values) - 1))]


@contextlib.contextmanager
def listening(dsn: str) -> Iterator[Eavesdropper]:
    """Yield one in front of the TradeWatch of `dsn`."""
    parts = urlsplit(dsn)
    origin = f"http://{parts.hostname}:{parts.port}"
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {
                name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")
            }
            status, answer = _pass_on(origin + self.path, body, headers)
            with lock:
                ear.heard += transactions_in(body, self.headers.get("Content-Encoding", ""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        ear = Eavesdropper(f"http://{parts.username}@127.0.0.1:{proxy.server_port}{parts.path}")
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        yield ear
        proxy.shutdown()
        thread.join()


def transactions_in(body: bytes, encoding: str) -> Iterator[Heard]:
    """Yield the transactions of an envelope: a line of header, then items of a header line and a payload."""
    data = INFLATED_BY[encoding](body)
    _, _, rest = data.partition(b"\n")
    while rest.strip():
        line, _, rest = rest.partition(b"\n")
        header = json.loads(line)
        length = header.get("length", rest.find(b"\n"))
        payload, rest = rest[:length], rest[length + 1 :]
        if header["type"] == "transaction":
            yield _heard(json.loads(payload))


def _heard(document: dict[str, Any]) -> Heard:
    status = document["contexts"]["trace"].get("status", "unknown")
    seconds = _epoch(document["timestamp"]) - _epoch(document["start_timestamp"])
    return Heard(document["transaction"], document["release"], seconds, status not in NOT_FAILED)


def _epoch(value: float | str) -> float:
    if isinstance(value, str):
        return datetime.fromisoformat(value).timestamp()
    return value


def _pass_on(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()
