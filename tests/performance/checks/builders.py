"""Checks and answers for tests, with loud defaults, and servers to be asked."""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.projects.builders import make_project
from tradewatch.performance.checks.choices import CheckKind, CheckState, Level
from tradewatch.performance.checks.plans import Answer, Plan
from tradewatch.performance.checks.running import Job, claim_now, record
from tradewatch.performance.models import Check, CheckSpan

NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def make_check(**fields: Any) -> Check:
    values: dict[str, Any] = {
        "project": fields.get("project") or make_project(),
        "name": "Custody API",
        "environment": "production",
        "kind": CheckKind.HTTP,
        "address": "http://custody.example/health",
        "next_due_at": NOW,
        "retries": 0,
    }
    return Check.objects.create(**{**values, **fields})


def make_plan(kind: CheckKind = CheckKind.HTTP, **fields: Any) -> Plan:
    """A plan that may reach this machine, as an installation's settings would let it."""
    return Plan(kind=kind, **{"allowed": ("127.0.0.0/8", "::1"), "timeout_seconds": 5.0, **fields})


def answered(check: Check, level: Level, at: datetime, **fields: Any) -> Check:
    """Let a run of `check` end at `at` with that, and return the row as it is then."""
    job: Job = claim_now(check.pk, at)
    detail = fields.pop("detail", {"ok": "200 OK", "slow": "200 OK, slower than 1 s"}.get(level, "connection refused"))
    row = record(job, Answer(level, detail, fields.pop("seconds", 0.02), **fields), at=at)
    assert row is not None
    return row


def spans(check: Check) -> list[tuple[str, float, float]]:
    """Return (state, start, end) of a check's spans in seconds after NOW."""
    rows = CheckSpan.objects.filter(check_row=check).order_by("started_at", "id")
    return [(CheckState(row.state).value, _after(row.started_at), _after(row.ended_at)) for row in rows]


def _after(at: datetime) -> float:
    return (at - NOW).total_seconds()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server: Any = self.server
        server.seen.append(self)
        status, headers, body = server.answer(self.path) if callable(server.answer) else server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_POST = do_GET  # noqa: N815  # the names are the library's

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def http_server(answer: Any = (200, {}, b"fine"), *, port: int = 0, tls: Any = None) -> Iterator[Any]:
    """A server that answers (status, headers, body), or what a function of the path returns. `url` is where it is."""
    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.answer, server.seen, server.daemon_threads = answer, [], True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
