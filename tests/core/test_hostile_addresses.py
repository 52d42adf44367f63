"""Each address that a user may name, made to lead inside: nothing of ours dials it.

Every path is the product's own code up to the socket; an audit hook sees what is dialled, a trap on this machine who
comes. Apprise's own process is held to the same in tests/alerts/channels/test_apprise.py.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import psycopg
import pytest
from django.conf import settings
from pytest_httpserver import HTTPServer

from alerts.apprise_child import _fault_in
from alerts.channels.pagerduty import send_pagerduty
from alerts.channels.slack import send_slack
from alerts.channels.webhook import new_secret, send_webhook
from alerts.engine.watchdog import ping_deadman
from debugging.replays.outcome import Limits
from debugging.replays.sending import send
from debugging.requests.shapes import WebRequest
from debugging.targets.filling import Secret, filled
from releases.git.running import GitError, run_git
from releases.rollbacks import telling
from tests.alerts.channels.builders import NOW, make_message
from tests.core.dials import names, watching
from tests.releases.git.repositories import make_repo
from tradewatch.core.dsn import BadDsnError, read_dsn
from tradewatch.core.faults import Invalid
from tradewatch.core.net import Reach
from tradewatch.ingest.relay.sending import Line
from tradewatch.ingest.relay.targets import Target
from tradewatch.performance.checks.choices import CheckKind, Level
from tradewatch.performance.checks.plans import Answer, Plan
from tradewatch.performance.checks.probes import run_probe

pytestmark = pytest.mark.once
PUBLIC = "93.184.216.34"
# As a host stands in a URL. Several are no address to some parsers and one to others: that is their trick.
HOSTS = (
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "0x7f000001",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "017700000001",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "169.254.169.254",
    "[::1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::1]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[2001:0:7f00:1:8000:63bf:f7f7:f7f7]",
    "[2606:4700::5efe:127.0.0.1]",
    "[fe80::1]",
    "[fec0::1]",
    "[fd00:ec2::254]",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "127。0。0。1",
    "127．0．0．1",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "%31%32%37.0.0.1",
)
# In front of a host: what one parser takes for the host is the user to another.
USERS = ("93.184.216.34@", "93.184.216.34:80@", "user:pass@", "93.184.216.34%2f@", "93.184.216.34\\@", "a@b@")


def webhook(host: str, port: int) -> Any:
    return send_webhook({"url": f"http://{host}:{port}/hook", "secret": new_secret()}, make_message(), now=NOW)


def slack(host: str, port: int) -> Any:
    return send_slack({"url": f"http://{host}:{port}/services/T/B/x"}, make_message(), now=NOW)


def pagerduty(host: str, port: int) -> Any:
    return send_pagerduty({"url": f"http://{host}:{port}/v2", "routing_key": "k" * 32}, make_message(), now=NOW)


def rollback(host: str, port: int) -> Any:
    wanted = SimpleNamespace(rollback_url=f"http://{host}:{port}/rollback", encrypted_rollback_secret=new_secret())
    return telling._post(SimpleNamespace(), wanted)  # type: ignore[arg-type]  # its body is the fixture's


def deadman(host: str, port: int) -> Any:
    settings.DEADMAN_URL = f"http://{host}:{port}/ping"
    return ping_deadman()


def check(kind: CheckKind, **fields: Any) -> Answer:
    allowed = tuple(settings.OUTBOUND_ALLOWED_NETWORKS)
    return asyncio.run(run_probe(Plan(kind=kind, timeout_seconds=5.0, allowed=allowed, **fields)))


def replay(host: str, port: int) -> Any:
    """As a session replays at a target, which is no internal one. None: such an address is not even taken."""
    target = SimpleNamespace(base_url=f"http://{host}:{port}")
    try:
        prepared = filled(WebRequest("GET", "/orders"), target, [Secret("header", "Authorization", "Bearer t")])
    except Invalid:
        return None
    return asyncio.run(send(prepared, Limits(timeout_seconds=5.0, allowed=tuple(settings.OUTBOUND_ALLOWED_NETWORKS))))


def relay(host: str, port: int) -> Any:
    """To a project's own upstream, which is no internal one. None: such a DSN is not even taken."""
    try:
        dsn = read_dsn(f"http://{'a' * 32}@{host}:{port}/7")
    except BadDsnError:
        return None
    line = Line(Target(dsn, Reach(settings.OUTBOUND_ALLOWED_NETWORKS)))
    try:
        return line._runner.run(line._post(b"{}", "error"))
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    finally:
        line.close()


PATHS: Mapping[str, Callable[[str, int], Any]] = {
    "webhook": webhook,
    "slack": slack,
    "pagerduty": pagerduty,
    "rollback": rollback,
    "deadman": deadman,
    "replay": replay,
    "relay": relay,
    "check http": lambda host, port: check(CheckKind.HTTP, address=f"http://{host}:{port}/"),
    "check tcp": lambda host, port: check(CheckKind.TCP, address=f"{host}:{port}"),
    "check dns": lambda host, port: check(CheckKind.DNS, address="example.com", resolver=f"{host}:{port}"),
    "check redis": lambda host, port: check(CheckKind.REDIS, connection=f"redis://{host}:{port}"),
}
EACH_PATH = pytest.mark.parametrize("path", PATHS)


@pytest.fixture(autouse=True)
def _closed(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    settings.DEADMAN_URL = ""
    monkeypatch.setattr(telling, "body_of", lambda rollback: b"{}")
    monkeypatch.setattr(telling, "message_id_of", lambda rollback: "rollback-1")


@pytest.fixture
def trap() -> Iterator[socket.socket]:
    """A port of this machine, IPv4 and IPv6, at which nobody may knock."""
    listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    listener.setblocking(False)
    yield listener
    listener.close()


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def nobody_came(listener: socket.socket) -> bool:
    try:
        listener.accept()
    except BlockingIOError:
        return True
    return False


@EACH_PATH
def test_the_watch_sees_each_path_that_may_leave(path: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the tests below would pass without a guard."""
    monkeypatch.setattr(socket, "getaddrinfo", names({"public.example": [[PUBLIC]]}))
    with watching() as dialled:
        PATHS[path]("public.example", 8080)
    assert set(dialled) == {PUBLIC}


@EACH_PATH
@pytest.mark.parametrize("host", [*HOSTS, *(f"{user}127.0.0.1" for user in USERS)])
def test_no_way_to_write_a_private_address_is_dialled(path: str, host: str, trap: socket.socket) -> None:
    with watching() as dialled:
        PATHS[path](host, port_of(trap))
    assert set(dialled) <= {PUBLIC}
    assert nobody_came(trap)


@EACH_PATH
def test_a_name_that_turns_private_after_it_was_looked_at_changes_nothing(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [[PUBLIC], ["127.0.0.1"]]
    monkeypatch.setattr(socket, "getaddrinfo", names({"rebind.example": answers}))
    with watching() as dialled:
        PATHS[path]("rebind.example", 8080)
    assert set(dialled) == {PUBLIC}


@EACH_PATH
@pytest.mark.parametrize(
    "addresses", [[PUBLIC, "127.0.0.1"], ["10.0.0.1", PUBLIC], [PUBLIC, "::ffff:169.254.169.254"], [PUBLIC, "fec0::1"]]
)
def test_a_name_with_one_private_address_is_not_dialled_at_all(
    path: str, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", names({"mixed.example": [addresses]}))
    with watching() as dialled:
        PATHS[path]("mixed.example", 8080)
    assert dialled == []


@EACH_PATH
def test_a_proxy_of_the_environment_is_not_asked(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setattr(socket, "getaddrinfo", names({"public.example": [[PUBLIC]]}))
    with watching() as dialled:
        PATHS[path]("public.example", 8080)
    assert set(dialled) == {PUBLIC}


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[HTTPServer]:
    """A server at the one address that may be called in the test of redirects."""
    with HTTPServer(host="127.0.0.3") as server:
        yield server


@pytest.mark.parametrize(
    "path", ["webhook", "slack", "pagerduty", "rollback", "deadman", "check http", "replay", "relay"]
)
@pytest.mark.parametrize("host", [*HOSTS, *(f"{user}127.0.0.1" for user in USERS)])
def test_no_redirect_leads_inside(path: str, host: str, elsewhere: HTTPServer, settings: Any) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.3/32"]
    location = f"http://{host}:9/inside".encode().decode("latin-1")
    elsewhere.clear()
    elsewhere.expect_request(re.compile(".*")).respond_with_data("", status=302, headers={"Location": location})
    with watching(("127.0.0.3", elsewhere.port)) as dialled:
        PATHS[path]("127.0.0.3", elsewhere.port)
    assert set(dialled) <= {"127.0.0.3", PUBLIC} and dialled[0] == "127.0.0.3"


# --- libpq dials by itself: the hook does not see it, the trap does ---------------------------------------------------
@pytest.mark.parametrize(
    "dsn",
    [
        *(f"postgresql://{host}:{{port}}/db" for host in HOSTS),
        "postgresql://93.184.216.34@127.0.0.1:{port}/db",
        "postgresql://93.184.216.34,127.0.0.1:{port}/db",
        "postgresql://93.184.216.34/db?hostaddr=127.0.0.1&port={port}",
        "host=93.184.216.34 hostaddr=127.0.0.1 port={port}",
        "postgresql:///db?host=127.0.0.1&port={port}",
        "service=inside",
        "host=/tmp port={port}",
        "host=@abstract port={port}",
    ],
)
def test_no_dsn_reaches_a_private_address(dsn: str, trap: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    monkeypatch.setenv("PGPORT", str(port_of(trap)))
    answer = check(CheckKind.POSTGRES, connection=dsn.format(port=port_of(trap)))
    assert answer.level in (Level.NOT_RUN, Level.FAILED)
    assert nobody_came(trap)


@pytest.mark.parametrize("answers", [[[PUBLIC], ["127.0.0.1"]]])
def test_libpq_is_told_the_address_that_was_looked_at(answers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []

    async def connect(conninfo: str, **options: Any) -> None:
        told.append(options)
        raise psycopg.OperationalError("stopped here")

    monkeypatch.setattr(psycopg.AsyncConnection, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", names({"rebind.example": answers}))
    check(CheckKind.POSTGRES, connection="postgresql://rebind.example/db")
    assert [options["hostaddr"] for options in told] == [PUBLIC]


# --- git, and apprise's process ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/r.git",
        "git://127.0.0.1:{port}/r.git",
        "ssh://git@127.0.0.1:{port}/r.git",
        "git@127.0.0.1:r.git",
        "ext::nc 127.0.0.1 {port}",
        "file:///etc",
    ],
)
def test_git_calls_nobody(url: str, tmp_path: Path, trap: socket.socket) -> None:
    repository = make_repo(tmp_path / "r")
    for command in ("ls-remote", "fetch"):
        with pytest.raises(GitError):
            run_git(Path(repository.path), command, url.format(port=port_of(trap)), seconds=10)
    assert nobody_came(trap)


@pytest.mark.parametrize("event", ["socket.connect", "socket.sendto", "socket.sendmsg"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "fec0::1", "64:ff9b::7f00:1", "localhost", "0"])
def test_apprises_process_dials_no_private_address(event: str, address: str) -> None:
    assert _fault_in(event, (None, (address, 80)), [])


def test_apprises_process_dials_no_socket_of_this_machine() -> None:
    assert _fault_in("socket.connect", (None, "/run/docker.sock"), [])
