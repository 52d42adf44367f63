"""Through an nginx that ends TLS, with the configuration that we ship: people, sockets, SDKs, a rolling restart."""

import contextlib
import time
from collections.abc import Iterator

import httpx
import pytest
import sentry_sdk
from websockets.sync.client import connect

from tests.backends import free_port, running_postgres, running_redis
from tests.clients.test_performance_numbers import log_in_at
from tests.processes.proxied import Proxy, running_nginx
from tests.servers import Server, running_embedded, running_server, start_web, wait_healthy
from tests.walks.senders import Sender

pytestmark = [pytest.mark.server, pytest.mark.once]


@pytest.fixture(scope="module")
def behind() -> Iterator[tuple[Server, Proxy]]:
    port = free_port()
    variables = {"TRADEWATCH_URL": f"https://localhost:{port}", "TRADEWATCH_TRUSTED_PROXIES": "127.0.0.1"}
    with running_embedded(**variables) as server, running_nginx(server.ports, https=port) as proxy:
        yield server, proxy


def test_people_log_in_and_pages_are_live(behind: tuple[Server, Proxy]) -> None:
    _, proxy = behind
    with contextlib.closing(log_in_at(proxy.url, verify=proxy.trusting())) as http:
        page = http.get("/error-dashboard.html")
        assert page.status_code == 200
        assert page.headers["Strict-Transport-Security"] == f"max-age={30 * 24 * 3600}"
        cookies = list(http.cookies.jar)
        assert cookies and all(cookie.secure for cookie in cookies)
        headers = {"Cookie": "; ".join(f"{each.name}={each.value}" for each in cookies), "Origin": proxy.url}
    address = proxy.url.replace("https", "wss") + "/ws/live/?window=15m"
    with connect(address, additional_headers=headers, max_size=None, ssl=proxy.trusting()) as socket:
        assert socket.recv(timeout=20)


def test_a_post_without_tls_is_led_nowhere_and_a_page_is(behind: tuple[Server, Proxy]) -> None:
    server, proxy = behind
    assert httpx.get(f"http://localhost:{proxy.http}/issues").headers["Location"] == f"{proxy.url}/issues"
    said = {"X-Forwarded-Proto": "http"}
    assert httpx.get(f"{server.url}/issues", headers=said).headers["Location"] == f"{proxy.url}/issues"
    assert httpx.post(f"{server.url}/alerts/create", headers=said).status_code == 403
    assert httpx.get(f"{server.url}/health").status_code == 200  # a probe comes without TLS and without a proxy


def test_an_sdk_reports_over_tls(behind: tuple[Server, Proxy]) -> None:
    server, proxy = behind
    assert server.dsn.startswith("https://")
    client = sentry_sdk.Client(dsn=server.dsn, ca_certs=str(proxy.certificate), default_integrations=False)
    event_id = client.capture_event({"message": "over TLS"})
    client.close(timeout=10)
    assert event_id
    assert server.drain()["dead"] == 0
    token = server.token("errors:read")
    found = httpx.get(
        f"{proxy.url}/error-tracking/issues", headers={"Authorization": f"Bearer {token}"}, verify=proxy.trusting()
    )
    assert "over TLS" in found.text


def test_web_processes_restart_one_by_one_and_no_envelope_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    variables = {"TRADEWATCH_URL": f"https://localhost:{port}", "TRADEWATCH_TRUSTED_PROXIES": "127.0.0.1"}
    with running_redis() as broker, running_postgres() as database:
        monkeypatch.setenv("REDIS_URL", broker)
        monkeypatch.setenv("DATABASE_URL", database)
        with running_server(**variables) as server, running_nginx(server.ports, https=port) as proxy:
            sender = Sender([server.dsn], tls=proxy.trusting())
            sender.start(threads=3)
            for number in (0, 1, 0):
                time.sleep(2)
                web = server.processes[f"web{number}"]
                web.terminate()
                web.wait(30)
                start_web(server, number)
                wait_healthy(server)
            time.sleep(1)
            sender.stop()
            assert (sender.refused, sender.broken) == ([], 0)
            assert len(sender.acked) > 100
            drained = server.drain()
            assert (drained["pending"], drained["dead"]) == (0, 0)
            script = "from tradewatch.errors.models import Event; print(Event.objects.count())"
            assert int(server.manage("shell", "--no-imports", "-c", script).split()[-1]) == len(sender.acked)
