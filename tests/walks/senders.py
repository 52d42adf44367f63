"""A bounded load of error events over plain sockets that remembers exactly which ids were answered 200."""

import http.client
import json
import ssl
import threading
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

GROUPS = ["Venue", "Quote", "Risk", "Margin", "Settle"]


@dataclass
class Sender:
    """Threads that send until told to stop, over connections that may break at any time."""

    dsns: list[str]
    pause_seconds: float = 0.002
    tls: ssl.SSLContext | None = None
    timeout_seconds: float = 10
    acked: list[str] = field(default_factory=list)
    answered: list[tuple[float, float]] = field(default_factory=list)  # of those: monotonic, seconds it took
    refused: list[int] = field(default_factory=list)
    broken: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, threads: int = 4) -> None:
        for number in range(threads):
            thread = threading.Thread(target=self._run, args=(self.dsns[number % len(self.dsns)],), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(self.timeout_seconds + 5)

    def _run(self, dsn: str) -> None:
        parts = urlsplit(dsn)
        connection = (
            http.client.HTTPSConnection(str(parts.hostname), parts.port, timeout=self.timeout_seconds, context=self.tls)
            if parts.scheme == "https"
            else http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=self.timeout_seconds)
        )
        headers = {"X-Sentry-Auth": f"Sentry sentry_key={parts.username}, sentry_version=7"}
        while not self._stop.is_set():
            event_id, began = uuid.uuid4().hex, time.monotonic()
            try:
                connection.request("POST", f"/api{parts.path}/envelope/", envelope(event_id), headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                self.broken += 1
                time.sleep(0.02)
                continue
            if answer.status == 200:
                self.acked.append(event_id)
                self.answered.append((time.monotonic(), time.monotonic() - began))
            else:
                self.refused.append(answer.status)
            time.sleep(self.pause_seconds)


def envelope(event_id: str) -> bytes:
    group = GROUPS[int(event_id[:4], 16) % len(GROUPS)]
    frame = {"module": f"app.{group.lower()}", "function": "run", "context_line": f"raise {group}Error", "in_app": True}
    exception = {"type": f"{group}Error", "value": "not now", "stacktrace": {"frames": [frame]}}
    event = {"event_id": event_id, "timestamp": time.time(), "platform": "python", "exception": {"values": [exception]}}
    payload = json.dumps(event).encode()
    return b'{"event_id":"%s"}\n{"type":"event","length":%d}\n%s\n' % (event_id.encode(), len(payload), payload)
