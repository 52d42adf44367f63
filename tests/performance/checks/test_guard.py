"""No check reaches a private address that nobody allowed: by no name, no redirect, no way to write a number."""

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tests.performance.checks.builders import http_server
from tests.performance.checks.servers import silent_server
from tradewatch.core import net, net_async
from tradewatch.core.net import ForbiddenAddressError, Reach, checked, is_internal
from tradewatch.core.net_async import AsyncGuardedTransport, look_up
from tradewatch.performance.checks.choices import CheckKind
from tradewatch.performance.checks.plans import Plan
from tradewatch.performance.checks.probes import run_probe


def probe(kind: CheckKind, **fields: Any) -> tuple[str, str]:
    answer = asyncio.run(run_probe(Plan(kind=kind, timeout_seconds=3, **fields)))
    return answer.level.value, answer.detail


WAYS = ("127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "0")


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_write_this_machine_passes(way: str) -> None:
    with http_server() as server:
        level, detail = probe(CheckKind.HTTP, address=f"http://{way}:{server.server_port}/")
        assert level in ("not_run", "failed"), detail
        assert probe(CheckKind.TCP, address=f"{way}:{server.server_port}")[0] in ("not_run", "failed")
        dsn = f"redis://{way}:{server.server_port}"
        assert probe(CheckKind.REDIS, connection=dsn)[0] in ("not_run", "failed")
        dsn = f"postgresql://u:p@{way}:{server.server_port}/x"
        assert probe(CheckKind.POSTGRES, connection=dsn)[0] in ("not_run", "failed")
        assert server.seen == []


def test_the_refusal_says_why_and_counts_as_not_run() -> None:
    assert probe(CheckKind.TCP, address="10.0.0.7:22") == (
        "not_run",
        "not asked: 10.0.0.7 is not a public address; an administrator may allow an internal target",
    )


def test_an_allowed_check_reaches_its_own_host_and_is_not_led_on_by_it() -> None:
    with http_server() as other:
        leads = (302, {"Location": f"http://localhost:{other.server_port}/secret"}, b"")
        with http_server(leads) as server:
            level, _ = probe(CheckKind.HTTP, address=server.url, allows_internal=True)
            assert level == "not_run" and len(server.seen) == 1
        assert other.seen == []
    with http_server() as server:
        assert probe(CheckKind.HTTP, address=server.url, allows_internal=True) == ("ok", "200 OK")


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "224.0.0.1", "0.0.0.0"]
)
def test_what_hands_out_credentials_is_never_internal(address: str) -> None:
    assert not is_internal(address)
    with pytest.raises(ForbiddenAddressError):
        checked([address], "metadata", Reach(internal_host="metadata"))


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "192.168.0.9", "172.20.0.1", "127.0.0.1", "::1", "fd12::1", "100.64.0.1"]
)
def test_ones_own_network_is_for_the_named_host_alone(address: str) -> None:
    reach = Reach(internal_host="db.internal")
    assert checked([address], "DB.internal", reach) == [address]
    with pytest.raises(ForbiddenAddressError):
        checked([address], "other.internal", reach)
    with pytest.raises(ForbiddenAddressError):
        checked([address], "", Reach())


def test_one_private_address_among_public_ones_is_refused() -> None:
    with pytest.raises(ForbiddenAddressError):
        checked(["1.1.1.1", "10.0.0.1"], "rebind.example", Reach())


class Recorder(httpx.AsyncBaseTransport):
    def __init__(self) -> None:
        self.urls: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(str(request.url))
        return httpx.Response(200)


def test_a_name_that_turns_private_between_two_looks_is_dialled_at_what_was_checked() -> None:
    answers = iter([["1.1.1.1"], ["127.0.0.1"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    async def ask() -> tuple[list[str], str]:
        inner = Recorder()
        async with httpx.AsyncClient(transport=AsyncGuardedTransport(Reach(), lookup=rebinding, inner=inner)) as client:
            await client.get("https://rebind.example/a")
            with pytest.raises(ForbiddenAddressError) as refused:
                await client.get("https://rebind.example/b")
        return inner.urls, str(refused.value)

    urls, refusal = asyncio.run(ask())
    assert urls == ["https://1.1.1.1/a"] and refusal == "rebind.example is not a public address"


def test_only_http_is_spoken_through_the_transport() -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(transport=AsyncGuardedTransport(Reach())) as client:
            await client.get("ftp://1.1.1.1/")

    with pytest.raises(httpx.HTTPError):
        asyncio.run(ask())


# --- lookups that hang -----------------------------------------------------------------------------------------------
@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch):
    """Let lookups of names with "hang" in them hang until the test is over; yields the names that were looked up."""
    over, asked = threading.Event(), []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        if "hang" in host:
            over.wait(20)
        return ["1.1.1.1"]

    monkeypatch.setattr(net_async, "resolve_name", resolve)
    monkeypatch.setattr(net, "resolve_name", resolve)
    yield asked
    over.set()


def test_a_lookup_that_hangs_holds_nobody_and_is_not_started_twice(hanging: list[str]) -> None:
    async def ask() -> float:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await look_up("hang.example", 80)
        started = time.monotonic()
        assert await look_up("fine.example", 80) == ["1.1.1.1"]
        return time.monotonic() - started

    assert asyncio.run(ask()) < 0.5
    assert hanging == ["hang.example", "fine.example"]


def test_lookups_that_hang_are_bounded(hanging: list[str]) -> None:
    async def ask() -> str:
        waiting = [asyncio.ensure_future(look_up(f"hang-{number}.example", 80)) for number in range(64)]
        await asyncio.sleep(0.1)
        with pytest.raises(httpx.ConnectError) as refused:
            await look_up("one-more.example", 80)
        for each in waiting:
            each.cancel()
        return str(refused.value)

    assert "64 lookups hang already" in asyncio.run(ask())


def test_a_silent_server_on_an_allowed_host_ends_in_time() -> None:
    with silent_server() as port:
        started = time.monotonic()
        assert probe(CheckKind.HTTP, address=f"http://127.0.0.1:{port}/", allows_internal=True)[0] == "failed"
        assert time.monotonic() - started < 6
