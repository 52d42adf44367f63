"""Each kind against a real other side, well and unwell; what a library says of a secret is never repeated."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis

from tests.backends import free_port, running_postgres, running_redis
from tests.performance.checks.builders import http_server, make_plan
from tests.performance.checks.servers import (
    certificate,
    dripping_server,
    forwarding,
    name_server,
    silent_server,
    socket_of,
)
from tradewatch.performance.checks.choices import CheckKind
from tradewatch.performance.checks.plans import Answer, Plan
from tradewatch.performance.checks.probes import run_probe


def probe(plan: Plan) -> Answer:
    return asyncio.run(run_probe(plan))


def said(plan: Plan) -> tuple[str, str]:
    answer = probe(plan)
    return answer.level.value, answer.detail


# --- HTTP ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("answer", "fields", "expected"),
    [
        ((200, {}, b"fine"), {}, ("ok", "200 OK")),
        ((503, {}, b""), {}, ("failed", "status 503, expected 200-299")),
        ((401, {}, b""), {"expected_statuses": "200-299, 401"}, ("ok", "401 Unauthorized")),
        ((200, {}, b'{"status": "up"}'), {"body_contains": '"up"'}, ("ok", "200 OK")),
        ((200, {}, b'{"status": "down"}'), {"body_contains": '"up"'}, ("failed", "the body does not contain '\"up\"'")),
        ((200, {}, b"lag: 12 ms"), {"body_pattern": r"lag: \d{1,2} ms"}, ("ok", "200 OK")),
        ((200, {}, b"lag: 1200 ms"), {"body_pattern": r"lag: \d{1,2} ms"}, ("failed", None)),
        ((200, {"Content-Type": "application/JSON"}, b""), {"expected_header": "content-type: json"}, ("ok", "200 OK")),
        ((200, {}, b""), {"expected_header": "X-Venue: XLON"}, ("failed", "no header X-Venue")),
        ((200, {}, b"x" * 3_000_000 + b"late"), {"body_contains": "late"}, ("failed", None)),  # one megabyte is read
    ],
)
def test_http_answers_are_judged(answer: Any, fields: dict[str, Any], expected: tuple[str, str | None]) -> None:
    with http_server(answer) as server:
        level, detail = said(make_plan(address=f"{server.url}/health", **fields))
    assert level == expected[0]
    assert expected[1] is None or detail == expected[1]


def test_http_says_its_method_and_headers() -> None:
    with http_server() as server:
        headers = "Authorization: Bearer s3cret\nX-Desk: 7"
        assert said(make_plan(address=server.url, method="POST", request_headers=headers))[0] == "ok"
        assert said(make_plan(address=server.url, method="HEAD"))[0] == "ok"
    first, second = server.seen
    assert (first.command, second.command) == ("POST", "HEAD")
    assert first.headers["Authorization"] == "Bearer s3cret" and first.headers["X-Desk"] == "7"


def test_a_redirect_is_followed_and_the_secret_is_not_carried_to_another_host() -> None:
    with http_server() as other:
        answers = {"/": (302, {"Location": "/there"}, b""), "/there": (307, {"Location": f"{other.url}/end"}, b"")}
        with http_server(answers.get) as server:
            plan = make_plan(address=f"{server.url}/", request_headers="Authorization: s3cret")
            assert said(plan) == ("ok", "200 OK")
    assert [each.headers.get("Authorization") for each in server.seen] == ["s3cret", "s3cret"]
    assert [each.headers.get("Authorization") for each in other.seen] == [None]


def test_redirects_can_be_left_alone_and_end() -> None:
    with http_server((302, {"Location": "/"}, b"")) as server:
        assert said(make_plan(address=server.url)) == ("failed", "more than 5 redirects")
        plan = make_plan(address=server.url, follows_redirects=False, expected_statuses="302")
        assert said(plan) == ("ok", "302 Found")


def test_what_is_not_there_is_said_in_words() -> None:
    assert said(make_plan(address=f"http://127.0.0.1:{free_port()}/")) == ("failed", "connection refused")
    assert said(make_plan(address="http://nothing.invalid/")) == ("failed", "cannot resolve nothing.invalid")


def test_a_body_that_drips_ends_in_time() -> None:
    """Each piece comes before any step's time limit would strike: the limit is for the whole run."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    with dripping_server(head, b"x") as port:
        started = time.monotonic()
        plan = make_plan(address=f"http://127.0.0.1:{port}/", timeout_seconds=0.6, body_contains="never")
        assert said(plan) == ("failed", "no answer within 0.6 s")
        assert time.monotonic() - started < 2


def test_a_head_that_is_good_does_not_wait_for_its_body() -> None:
    with dripping_server(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x") as port:
        assert said(make_plan(address=f"http://127.0.0.1:{port}/", timeout_seconds=0.6)) == ("ok", "200 OK")


def test_slow_is_slow() -> None:
    def late(path: str) -> Any:
        time.sleep(0.3)
        return 200, {}, b""

    with http_server(late) as server:
        answer = probe(make_plan(address=server.url, slow_seconds=0.1))
    assert (answer.level, answer.detail) == ("slow", "200 OK, slower than 0.1 s")
    assert answer.seconds is not None and 0.3 <= answer.seconds < 3


# --- TLS -------------------------------------------------------------------------------------------------------------
def test_a_certificate_tells_when_it_ends(tmp_path: Path) -> None:
    with http_server(tls=certificate(tmp_path, days=5)) as server:
        answer = probe(make_plan(address=server.url, verifies_tls=False))
    assert answer.level == "ok" and answer.tls_expires_at is not None
    left = answer.tls_expires_at - datetime.now(UTC)
    assert timedelta(days=4, hours=23) < left < timedelta(days=5, minutes=1)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with http_server(tls=certificate(tmp_path, days=5)) as server:
        level, detail = said(make_plan(address=server.url))
    assert level == "failed" and detail.startswith("certificate refused: self")


def test_tcp_with_tls_tells_it_too(tmp_path: Path) -> None:
    with http_server(tls=certificate(tmp_path, days=9)) as server:
        address = f"127.0.0.1:{server.server_port}"
        answer = probe(make_plan(CheckKind.TCP, address=address, uses_tls=True, verifies_tls=False))
        assert (answer.level, answer.detail) == ("ok", "connected with TLS") and answer.tls_expires_at is not None
        level, detail = said(make_plan(CheckKind.TCP, address=address, uses_tls=True))
        assert level == "failed" and detail.startswith("certificate refused")


# --- TCP -------------------------------------------------------------------------------------------------------------
def test_tcp() -> None:
    with silent_server() as port:
        assert said(make_plan(CheckKind.TCP, address=f"127.0.0.1:{port}")) == ("ok", "connected")
    assert said(make_plan(CheckKind.TCP, address=f"127.0.0.1:{free_port()}")) == ("failed", "connection refused")


def test_a_name_with_two_addresses_is_reached_at_the_one_that_answers() -> None:
    """localhost is ::1 first on most machines, and the server listens on 127.0.0.1 alone."""
    with silent_server() as port:
        plan = make_plan(CheckKind.TCP, address=f"localhost:{port}")
        assert said(plan) == ("ok", "connected")
    with http_server() as server:
        assert said(make_plan(address=f"http://localhost:{server.server_port}/"))[0] == "ok"


# --- DNS -------------------------------------------------------------------------------------------------------------
RECORDS = {
    ("api.venue.example", "A"): ["203.0.113.7", "203.0.113.8"],
    ("inside.venue.example", "A"): ["10.0.0.7"],
    ("venue.example", "TXT"): ['"v=spf1 -all"', '"owner=desk"'],
    ("venue.example", "MX"): ["10 mail.venue.example."],
}


@pytest.fixture(scope="module")
def resolver() -> Iterator[str]:
    with name_server(RECORDS) as port:
        yield f"127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("name", "kind", "expected", "answer"),
    [
        ("venue.example", "MX", "", ("ok", "10 mail.venue.example.")),
        ("venue.example", "MX", "10 Mail.venue.example", ("ok", "10 mail.venue.example.")),
        ("venue.example", "TXT", "owner=desk", ("ok", '"owner=desk", "v=spf1 -all"')),
        ("venue.example", "TXT", "owner=other", ("failed", None)),
        ("venue.example", "AAAA", "", ("failed", "the name has no AAAA record")),
        ("nothing.example", "A", "", ("failed", "there is no such name")),
    ],
)
def test_dns(resolver: str, name: str, kind: str, expected: str, answer: tuple[str, str | None]) -> None:
    plan = make_plan(CheckKind.DNS, address=name, record_type=kind, expected_answer=expected, resolver=resolver)
    level, detail = said(plan)
    assert level == answer[0]
    assert answer[1] is None or detail == answer[1]


def test_dns_tells_no_private_address_to_whoever_may_add_a_check(resolver: str) -> None:
    plan = make_plan(CheckKind.DNS, address="inside.venue.example", resolver=resolver)
    level, detail = said(plan)
    assert level == "not_run" and "10.0.0.7" not in detail
    inside = make_plan(CheckKind.DNS, address="inside.venue.example", resolver=resolver, allows_internal=True)
    assert said(inside) == ("ok", "10.0.0.7")


def test_a_name_server_that_is_silent_fails_in_time() -> None:
    plan = make_plan(CheckKind.DNS, address="a.example", resolver="127.0.0.1:1", timeout_seconds=0.5)
    level, detail = said(plan)
    assert level == "failed" and ("in time" in detail or "within" in detail or "refuse" in detail)


# --- PostgreSQL and Redis --------------------------------------------------------------------------------------------
def test_redis_goes_away_and_comes_back() -> None:
    port = free_port()
    plan = make_plan(CheckKind.REDIS, connection=f"redis://127.0.0.1:{port}/0")
    with running_redis(port):
        assert said(plan) == ("ok", "PONG")
    assert said(plan) == ("failed", "connection refused")
    with running_redis(port):
        assert said(plan) == ("ok", "PONG")
        redis.Redis(port=port).config_set("requirepass", "hunter2")
        assert said(plan) == ("failed", "Redis refused PING: NOAUTH")
        assert said(make_plan(CheckKind.REDIS, connection=f"redis://:hunter2@127.0.0.1:{port}")) == ("ok", "PONG")
        level, detail = said(make_plan(CheckKind.REDIS, connection=f"redis://:wrong@127.0.0.1:{port}"))
        assert level == "failed" and detail.startswith("Redis refused AUTH:") and "wrong" not in detail


def test_what_speaks_something_else_is_no_redis() -> None:
    with http_server() as server:
        level, detail = said(make_plan(CheckKind.REDIS, connection=f"redis://127.0.0.1:{server.server_port}"))
    assert level == "failed" and detail in ("it does not speak Redis' protocol", "the connection was closed")


def test_postgres_over_tcp_and_what_it_refuses() -> None:
    with running_postgres() as url, forwarding(socket_of(url)) as port:
        dsn = f"postgresql://{urlsplit(url).username}:hunter2@127.0.0.1:{port}/postgres"
        level, detail = said(make_plan(CheckKind.POSTGRES, connection=dsn))
        assert level == "ok" and detail.startswith("SELECT 1 on PostgreSQL ")
        level, detail = said(make_plan(CheckKind.POSTGRES, connection=dsn.replace("/postgres", "/nothing")))
        assert (level, detail) == ("failed", "no such database or role")


def test_postgres_over_a_socket_needs_an_internal_target() -> None:
    with running_postgres() as url:
        dsn = url.replace("postgres://", "postgresql://", 1)
        inside = make_plan(CheckKind.POSTGRES, connection=dsn, allows_internal=True)
        level, detail = said(inside)
        assert level == "ok" and detail.startswith("SELECT 1 on PostgreSQL ")
        level, detail = said(make_plan(CheckKind.POSTGRES, connection=dsn))
        assert level == "not_run" and detail.startswith("not asked: a socket of this machine")
        level, detail = said(make_plan(CheckKind.POSTGRES, connection=f"{dsn}&dbname=nothing", allows_internal=True))
        assert level == "failed" and "nothing" not in detail
    assert probe(inside).level == "failed", "it went away"


def test_a_postgres_that_takes_the_connection_and_hangs_ends_in_time() -> None:
    with silent_server() as port:
        dsn = f"postgresql://watch:hunter2@127.0.0.1:{port}/x"
        started = time.monotonic()
        answer = probe(make_plan(CheckKind.POSTGRES, connection=dsn, timeout_seconds=1))
    assert (answer.level, answer.detail) == ("failed", "no answer within 1 s")
    assert time.monotonic() - started < 4
    refused = said(make_plan(CheckKind.POSTGRES, connection=f"postgresql://watch:hunter2@127.0.0.1:{free_port()}/x"))
    assert refused == ("failed", "connection refused")


@pytest.mark.parametrize("kind", [CheckKind.POSTGRES, CheckKind.REDIS])
def test_no_error_repeats_a_password(kind: CheckKind) -> None:
    scheme = "postgresql" if kind == CheckKind.POSTGRES else "redis"
    for host in ("nothing.invalid", f"127.0.0.1:{free_port()}", "10.0.0.1"):
        plan = make_plan(kind, connection=f"{scheme}://watch:hunter2@{host}/0", timeout_seconds=2)
        assert "hunter2" not in probe(plan).detail
        assert "hunter2" not in repr(plan)
