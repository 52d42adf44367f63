"""Steady traffic of errors, transactions and logs by senders who do not give up, as a proxy or a patient SDK does.

What is not answered 200 is sent again, the same bytes under the same id, until it is: so each thing was accepted in the
end, and each must be there exactly once, however often it was sent.
"""

import http.client
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.backends import wait_until
from tests.walks.senders import envelope

LETTERS = str.maketrans("0123456789abcdef", "ABCDEFGHIJKLMNOP")
TIMEOUT_SECONDS = 5.0
PAUSE_SECONDS = 0.02
TELLING_SECONDS = 1.0  # from one error that somebody must be told of to the next


@dataclass
class Traffic:
    """`errors`, `transactions` and `logs` hold the ids that were answered 200, `telling` the exceptions' names of
    errors of which each is an issue of its own, critical, so that somebody must be told."""

    dsns: list[str]
    errors: set[str] = field(default_factory=set)
    transactions: set[str] = field(default_factory=set)
    logs: set[str] = field(default_factory=set)
    telling: list[str] = field(default_factory=list)
    tries: int = 0
    unanswered: int = 0  # tries that broke
    refused: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _flowing: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _busy: int = 0

    def start(self) -> None:
        self._flowing.set()
        for number, run in enumerate((self._send_errors, self._send_transactions, self._send_logs)):
            threading.Thread(target=run, args=(_Line(self, number),), daemon=True).start()

    def pause(self, seconds: float = 120.0) -> None:
        """Begin nothing new, and wait until all that was begun is answered."""
        self._flowing.clear()
        wait_until(lambda: self._busy == 0, what="an answer to each sender", seconds=seconds)

    def resume(self) -> None:
        self._flowing.set()

    def stop(self) -> None:
        self._over.set()
        self._flowing.set()

    def _send_errors(self, line: "_Line") -> None:
        next_telling = time.monotonic()
        while self._may_begin():
            event_id = uuid.uuid4().hex
            name = ""
            if time.monotonic() >= next_telling:
                next_telling = time.monotonic() + TELLING_SECONDS
                name = f"Telling{event_id[:12].translate(LETTERS)}Error"
            self._deliver(line, telling_envelope(event_id, name) if name else envelope(event_id))
            self.errors.add(event_id)
            if name:
                self.telling.append(name)
            self._end()

    def _send_transactions(self, line: "_Line") -> None:
        while self._may_begin():
            event_id = uuid.uuid4().hex
            self._deliver(line, transaction_envelope(event_id))
            self.transactions.add(event_id)
            self._end()

    def _send_logs(self, line: "_Line") -> None:
        while self._may_begin():
            trace_id = uuid.uuid4().hex
            self._deliver(line, log_envelope(trace_id))
            self.logs.add(trace_id)
            self._end()

    def _may_begin(self) -> bool:
        while not self._over.is_set():
            time.sleep(PAUSE_SECONDS)
            self._flowing.wait()
            with self._lock:
                self._busy += 1
            if self._flowing.is_set() and not self._over.is_set():
                return True
            self._end()
        return False

    def _end(self) -> None:
        with self._lock:
            self._busy -= 1

    def _deliver(self, line: "_Line", body: bytes) -> None:
        while not self._over.is_set():
            self.tries += 1
            status = line.send(body)
            if status == 200:
                return
            with self._lock:
                if status is None:
                    self.unanswered += 1
                else:
                    self.refused[status] = self.refused.get(status, 0) + 1
            time.sleep(0.1)


class _Line:
    """A sender's connection; after one that breaks it asks the next web process, as a proxy would."""

    def __init__(self, traffic: Traffic, number: int) -> None:
        self._parts = [urlsplit(dsn) for dsn in traffic.dsns]
        self._at = number
        self._connection = self._connect()

    def send(self, body: bytes) -> int | None:
        """Return the status, None when none came."""
        parts = self._parts[self._at % len(self._parts)]
        headers = {"X-Sentry-Auth": f"Sentry sentry_key={parts.username}, sentry_version=7"}
        try:
            self._connection.request("POST", f"/api{parts.path}/envelope/", body, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._at += 1
            self._connection = self._connect()
            return None
        return answer.status

    def _connect(self) -> http.client.HTTPConnection:
        parts = self._parts[self._at % len(self._parts)]
        return http.client.HTTPConnection("127.0.0.1", parts.port, timeout=TIMEOUT_SECONDS)


def telling_envelope(event_id: str, name: str) -> bytes:
    exception = {"type": name, "value": "somebody must be told"}
    return _envelope(
        event_id,
        {"type": "event"},
        {"event_id": event_id, "timestamp": time.time(), "level": "fatal", "exception": {"values": [exception]}},
    )


def transaction_envelope(event_id: str) -> bytes:
    trace = {"trace_id": uuid.uuid4().hex, "span_id": event_id[:16], "op": "http.server", "status": "ok"}
    now = time.time()
    return _envelope(
        event_id,
        {"type": "transaction"},
        {
            "type": "transaction",
            "event_id": event_id,
            "transaction": f"/orders/{event_id[0]}",
            "start_timestamp": now - 0.1,
            "timestamp": now,
            "contexts": {"trace": trace},
            "spans": [],
        },
    )


def log_envelope(trace_id: str) -> bytes:
    line = {"timestamp": time.time(), "trace_id": trace_id, "level": "info", "body": f"order {trace_id[:8]} sent"}
    kind = {"type": "log", "item_count": 1, "content_type": "application/vnd.sentry.items.log+json"}
    return _envelope("", kind, {"items": [line]})


def _envelope(event_id: str, kind: dict[str, object], document: dict[str, object]) -> bytes:
    payload = json.dumps(document).encode()
    head = {"event_id": event_id} if event_id else {}
    return b"\n".join([json.dumps(head).encode(), json.dumps({**kind, "length": len(payload)}).encode(), payload, b""])
