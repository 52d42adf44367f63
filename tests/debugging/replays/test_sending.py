"""Sending to targets that behave badly, and to addresses that nobody should reach through us."""

import logging
import time
import tracemalloc
from collections.abc import Iterator, Sequence

import pytest

from debugging.replays.outcome import Limits, Outcome
from debugging.replays.sending import send
from debugging.requests.shapes import WebRequest
from debugging.targets.filling import Prepared, Secret, filled
from debugging.targets.masking import MASK
from tests.debugging.replays.servers import HostileServer, hostile_server
from tradewatch.core.faults import Invalid

pytestmark = pytest.mark.once

LOCAL = Limits(timeout_seconds=2.0, internal_host="127.0.0.1")
SECRETS = (Secret("header", "Authorization", "Bearer tok-12345"), Secret("query", "key", "q-secret/1"))


class At:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile_server() as running:
        yield running


def prepared(base_url: str, path: str = "/ok", method: str = "GET", *secrets: Secret, **more: object) -> Prepared:
    return filled(WebRequest(method, path, **more), At(base_url), secrets)  # type: ignore[arg-type]  # fields of a request


async def to(server: HostileServer, path: str, method: str = "GET", *secrets: Secret, **more: object) -> Outcome:
    return await send(prepared(server.url, path, method, *secrets, **more), LOCAL)


async def test_what_is_sent_is_what_was_prepared(server: HostileServer) -> None:
    found = await to(server, "/ok", "POST", headers=(("X-Desk", "fx"), ("User-Agent", "curl/8")), body={"a": "ü"})
    assert (found.status, found.reason, found.body, found.fault) == (201, "Created", '{"id": 7}', "")
    assert ("x-venue", "lmax") in found.headers and found.was_sent and 0 < (found.seconds or 0) < 2
    asked = server.asked[0]
    assert (asked.method, asked.path, asked.body) == ("POST", "/ok", '{"a":"ü"}'.encode())
    assert asked.headers == {
        "host": f"127.0.0.1:{server.port}",
        "x-desk": "fx",
        "user-agent": "curl/8",
        "content-type": "application/json",
        "content-length": "10",
    }


async def test_secrets_reach_the_target_and_no_echo_of_them_comes_back(server: HostileServer) -> None:
    found = await to(server, "/echo", "POST", *SECRETS, body={"a": 1})
    asked = server.asked[0]
    assert asked.headers["authorization"] == "Bearer tok-12345" and asked.path == "/echo?key=q-secret%2F1"
    assert "tok-12345" not in repr(found) and "q-secret" not in repr(found)
    assert dict(found.headers)["x-echo"] == MASK and MASK in (found.body or "")


async def test_no_log_holds_a_secret(server: HostileServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await to(server, "/echo", "POST", *SECRETS, body={"a": 1})
    assert "tok-12345" not in caplog.text and "q-secret" not in caplog.text


@pytest.mark.parametrize(
    ("path", "status", "fault", "body"),
    [
        ("/silence", None, "no whole answer within 2 s", None),
        ("/slow", 200, "no whole answer within 2 s", None),
        ("/hangs-up", None, "hung up without an answer", None),
        ("/breaks-off", 200, "hung up within the answer", None),
        ("/no-http", None, "what came back breaks HTTP", None),
        ("/bad-header", None, "what came back breaks HTTP", None),
        ("/endless-header", None, "what came back breaks HTTP", None),
        ("/no-gzip", 200, "the body breaks off: it is no valid gzip", ""),
        ("/brotli", 200, "the body was not read: it is encoded as br", ""),
        ("/bomb-of-bombs", 200, "the body was not read: it is encoded as gzip, gzip", ""),
        ("/gzip", 200, "", '{"ok": true}'),
        ("/binary", 200, "", None),
        ("/latin", 200, "", "grün"),
        ("/punycode", 200, "", "a-" * 50_000),
        ("/odd-charset", 200, "", "abc"),
        ("/loop", 302, "more than 5 redirects", None),
        ("/redirect", 201, "", '{"id": 7}'),
        ("/to-nonsense", 302, "a redirect to another origin, http://%5bbroken, which is not followed", "body"),
        ("/to-metadata", 302, "a redirect to another origin, http://169.254.169.254, which is not followed", ""),
        ("/to-private", 302, "a redirect to another origin, http://10.0.0.1, which is not followed", ""),
        ("/to-other-port", 307, "a redirect to another origin, http://127.0.0.1:1, which is not followed", ""),
        ("/to-login", 302, "a redirect to another origin, http://127.0.0.1, which is not followed", ""),
        ("/to-other-scheme", 302, "", ""),
    ],
)
async def test_a_target_that_behaves_badly(
    server: HostileServer, path: str, status: int | None, fault: str, body: str | None
) -> None:
    started = time.monotonic()
    found = await to(server, path)
    assert (found.status, found.fault, found.body) == (status, fault, body)
    assert found.was_sent and time.monotonic() - started < 4


@pytest.mark.parametrize("path", ["/flood", "/bomb"])
async def test_a_body_without_end_is_cut_and_costs_no_memory(server: HostileServer, path: str) -> None:
    tracemalloc.start()
    try:
        found = await to(server, path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.status, found.is_cut, found.body_bytes) == (200, True, 256 << 10)
    assert len(found.body or "") == 256 << 10
    assert peak < 16 << 20


async def test_half_a_gzip_is_known_as_cut(server: HostileServer) -> None:
    assert (await to(server, "/half-gzip")).is_cut


async def test_many_headers_are_cut(server: HostileServer) -> None:
    assert len((await to(server, "/many-headers")).headers) == 100


async def test_redirects_keep_the_method_where_they_say_so(server: HostileServer) -> None:
    await to(server, "/redirect-307", "POST", body={"a": 1})
    found = await to(server, "/redirect-303", "POST", *SECRETS, body={"a": 1})
    kept, changed = server.asked[1], server.asked[3]
    assert (kept.method, kept.body) == ("POST", b'{"a":1}')
    assert (changed.method, changed.body, "content-type" in changed.headers) == ("GET", b"", False)
    assert changed.headers["authorization"] == "Bearer tok-12345"  # the same origin
    assert found.redirects == ("/echo",)


async def test_nobody_there_is_known_as_not_sent() -> None:
    found = await send(prepared("http://127.0.0.1:1"), LOCAL)
    assert (found.status, found.fault, found.was_sent) == (None, "connection refused", False)


ADDRESSES = [
    *("http://127.0.0.1:{port}", "http://localhost:{port}", "http://[::1]:{port}", "http://[::ffff:127.0.0.1]:{port}"),
    *("http://2130706433:{port}", "http://0x7f000001:{port}", "http://127.1:{port}"),
    *("http://0x7f.0.0.1:{port}", "http://0:{port}", "http://0.0.0.0:{port}", "http://[::]:{port}"),
    *("http://[64:ff9b::7f00:1]:{port}", "http://[2002:7f00:1::]:{port}", "http://[::ffff:a9fe:a9fe]:{port}"),
    *("http://169.254.169.254:{port}", "http://[fd00:ec2::254]:{port}", "http://100.100.100.200:{port}"),
]


@pytest.mark.parametrize("base_url", ADDRESSES)
async def test_a_private_address_is_reached_in_no_spelling(server: HostileServer, base_url: str) -> None:
    found = await send(prepared(base_url.format(port=server.port)), Limits(timeout_seconds=2.0))
    assert (found.status, found.was_sent, server.asked) == (None, False, [])
    assert "is not a public address" in found.fault or "resolve" in found.fault or "cannot be" in found.fault


def test_octal_digits_make_no_address() -> None:
    with pytest.raises(Invalid):
        prepared("http://0177.0.0.1:8000")


@pytest.mark.parametrize("base_url", ADDRESSES[-4:])
async def test_credentials_of_a_cloud_are_reached_by_no_internal_target_either(
    server: HostileServer, base_url: str
) -> None:
    url = base_url.format(port=server.port)
    host = url.removeprefix("http://").rpartition(":")[0].strip("[]")
    found = await send(prepared(url), Limits(timeout_seconds=2.0, internal_host=host))
    assert not found.was_sent and "is not a public address" in found.fault


async def test_a_name_that_changes_its_address_meanwhile_leads_nowhere_else(server: HostileServer) -> None:
    """DNS rebinding: each lookup is judged, and what was judged is what is connected to."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    asked: list[str] = []

    async def lookup(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), 2) - 1]

    first = await send(prepared(f"http://shop.example:{server.port}"), Limits(timeout_seconds=0.3), lookup=lookup)
    second = await send(prepared(f"http://shop.example:{server.port}"), Limits(timeout_seconds=2.0), lookup=lookup)
    assert asked == ["shop.example"] * 2 and server.asked == []
    assert first.status is None and "is not a public address" not in first.fault  # tried the public one
    assert "shop.example is not a public address" in second.fault and not second.was_sent


async def test_rebinding_between_a_redirect_and_its_target(server: HostileServer) -> None:
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])

    async def lookup(host: str, port: int) -> Sequence[str]:
        return next(answers)

    limits = Limits(timeout_seconds=2.0, internal_host="shop.example")
    found = await send(prepared(f"http://shop.example:{server.port}", "/redirect"), limits, lookup=lookup)
    assert len(server.asked) == 1 and "is not a public address" in found.fault


async def test_one_private_address_among_public_ones_is_refused(server: HostileServer) -> None:
    async def lookup(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34", "127.0.0.1"]

    found = await send(prepared(f"http://shop.example:{server.port}"), Limits(), lookup=lookup)
    assert not found.was_sent and "is not a public address" in found.fault
