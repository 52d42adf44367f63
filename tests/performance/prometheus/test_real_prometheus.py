"""Debian's Prometheus scrapes us with a bearer token, as docs/prometheus.md says."""

import json
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.alerts.intake.test_real_prometheus import prometheus
from tests.backends import wait_until
from tests.servers import Server

pytestmark = [pytest.mark.server, pytest.mark.once]
DOCS = Path(__file__).resolve().parents[3] / "docs" / "prometheus.md"


def scrape_of_docs(server: Server, token: str, folder: Path) -> dict[str, Any]:
    """The snippet of the docs, with this server's addresses in it."""
    snippet = DOCS.read_text().partition("```yaml\n# prometheus.yml\n")[2].partition("```")[0]
    [scrape] = yaml.safe_load(snippet)["scrape_configs"]
    (folder / "token").write_text(token)
    scrape |= {"scheme": "http", "scrape_interval": "1s", "scrape_timeout": "1s"}
    scrape["authorization"]["credentials_file"] = str(folder / "token")
    scrape["static_configs"] = [{"targets": [url.removeprefix("http://") for url in server.urls]}]
    found: dict[str, Any] = scrape
    return found


def asked(port: int, query: str) -> list[tuple[dict[str, str], float]]:
    url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return [(each["metric"], float(each["value"][1])) for each in json.load(answer)["data"]["result"]]


def test_a_stock_prometheus_scrapes_us(shared_server: Server, tmp_path: Path) -> None:
    token = shared_server.token("performance:read")
    config = {"scrape_configs": [scrape_of_docs(shared_server, token, tmp_path)]}
    with prometheus(tmp_path, config, {"groups": []}) as port:
        wait_until(lambda: asked(port, "up == 1 and on(instance) tradewatch_build_info"), what="a scrape", seconds=60)
        [(labels, one)] = asked(port, "max by (version) (tradewatch_build_info)")
        assert one == 1 and labels["version"]
        before = accepted(port)
        send_events(shared_server, 7)
        wait_until(lambda: accepted(port) >= before + 7, what="the count of accepted requests", seconds=60)
        wait_until(lambda: asked(port, "django_http_requests_total_by_method_total > 2"), what="requests", seconds=60)
        clock = asked(port, "max(tradewatch_clock_age_seconds)")
        assert clock and clock[0][1] < 60
        assert not asked(port, "tradewatch_export_up == 0")
        # Every web process answers the same: all read one database.
        assert [spread for _, spread in asked(port, "max(tradewatch_dead_letters) - min(tradewatch_dead_letters)")] == [
            0
        ]
    log = (tmp_path / "log").read_text()
    assert "scrape manager" in log and "Error on ingesting" not in log


def accepted(port: int) -> float:
    return sum(value for _, value in asked(port, 'max(tradewatch_edge_requests_total{outcome="accepted"})'))


def send_events(server: Server, count: int) -> None:
    parts = urllib.parse.urlsplit(server.dsn)
    for number in range(count):
        url = f"{server.urls[number % len(server.urls)]}/api{parts.path}/store/?sentry_key={parts.username}"
        body = json.dumps({"message": f"prometheus walk {number}"}).encode()
        request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
        assert urllib.request.urlopen(request, timeout=20).status == 200
