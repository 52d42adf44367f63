"""Each number about a service level against an independent count of the example application's traffic.

The same two counts as for performance: what the traffic was answered, and what went over the wire. The server's own
clock collects the minutes, so a run waits for the minute of its last request to be over.
"""

import asyncio
import csv
import hashlib
import io
import json
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from examples.trading_app.demo import BAD_RELEASE, GOOD_RELEASE
from examples.trading_app.process import running_service
from examples.trading_app.traffic import drive
from tests.clients.eavesdropper import Eavesdropper, exact_percentile, listening
from tests.clients.test_performance_numbers import log_in, words_of
from tests.servers import Server, running_server

pytestmark = pytest.mark.clients
SLOW_SECONDS = 0.5  # the default target of response_time


class Promised:
    """A server whose targets have counted the traffic of both releases."""

    def __init__(self, server: Server, ear: Eavesdropper) -> None:
        self.server, self.ear = server, ear
        self.token = server.token("sla:read", "sla:write")
        self.http = log_in(server)

    def read(self, path: str) -> bytes:
        request = urllib.request.Request(self.server.url + path, headers={"Authorization": f"Bearer {self.token}"})
        body: bytes = urllib.request.urlopen(request, timeout=30).read()
        return body

    def api(self, path: str) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.read(path))
        return body

    def target(self, name: str) -> dict[str, Any]:
        return next(each for each in self.api("/sla/status")["targets"] if each["metric_name"] == name)

    def reported(self, name: str) -> dict[str, Any]:
        return next(each for each in self.api("/sla/report")["targets"] if each["metric_name"] == name)

    def page(self, name: str) -> str:
        answer = self.http.get(httpx.URL(self.target(name)["url"]).path)
        answer.raise_for_status()
        return words_of(answer.text)

    @property
    def count(self) -> int:
        return len(self.ear.heard)

    @property
    def failed(self) -> int:
        return sum(each.is_failed for each in self.ear.heard)


@pytest.fixture(scope="module")
def promised() -> Iterator[Promised]:
    with running_server() as server, listening(server.dsn) as ear:
        for release in (GOOD_RELEASE, BAD_RELEASE):
            with running_service(dsn=ear.dsn, release=release) as url:
                asyncio.run(drive(url, seconds=6, rate=15, seed=5))
        server.drain()
        found = Promised(server, ear)
        wait_until_counted(found)
        yield found


def wait_until_counted(promised: Promised) -> None:
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        if promised.target("availability")["budget"]["valid"] >= promised.count:
            return
        time.sleep(2)
    raise AssertionError(f"not collected: {promised.target('availability')}, {promised.count} sent")


def test_availability_and_error_rate_are_the_failures_that_were_sent(promised: Promised) -> None:
    assert promised.failed > 0
    for name, value in (("availability", 1 - promised.failed / promised.count), ("error_rate", None)):
        found = promised.target(name)
        assert (found["budget"]["valid"], found["budget"]["bad"]) == (promised.count, promised.failed), name
        assert found["value"] == pytest.approx(promised.failed / promised.count if value is None else value)


def test_the_budget_left_follows_from_the_counts(promised: Promised) -> None:
    found = promised.target("availability")
    assert found["budget"]["allowed"] == pytest.approx(promised.count * 0.001)
    assert found["budget"]["remaining"] == pytest.approx(1 - promised.failed / (promised.count * 0.001))
    assert found["state"] == "critical"


def test_response_time_is_the_percentile_and_its_budget_the_slow_ones(promised: Promised) -> None:
    seconds = [each.seconds for each in promised.ear.heard]
    found = promised.target("response_time")
    assert found["value"] == pytest.approx(exact_percentile(seconds, 0.95), rel=0.0101)
    assert found["budget"]["valid"] == promised.count
    assert found["budget"]["bad"] == sum(each > SLOW_SECONDS for each in seconds)


def test_a_target_without_traffic_has_no_data_anywhere(promised: Promised) -> None:
    found, reported = promised.target("uptime"), promised.reported("uptime")
    assert (found["state"], found["value"], found["budget"]["remaining"]) == ("no_data", None, None)
    assert (reported["state"], reported["value"], reported["adjusted"]["budget_left"]) == ("no_data", None, None)
    assert "no data" in promised.page("uptime").lower()


def test_the_report_says_the_same_in_every_form(promised: Promised) -> None:
    document = promised.api("/sla/report")
    found = next(each for each in document["targets"] if each["metric_name"] == "availability")
    assert Decimal(found["adjusted"]["valid"]) == promised.count
    assert Decimal(found["adjusted"]["bad"]) == promised.failed
    sealed = {key: value for key, value in document.items() if key != "sha256"}
    canonical = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert document["sha256"] == hashlib.sha256(canonical.encode()).hexdigest()
    rows = list(csv.DictReader(io.StringIO(promised.read("/sla/report?format=csv").decode())))
    row = next(each for each in rows if "availability" in each.values())
    assert str(promised.failed) in row.values()
    assert str(promised.count) in row.values()
    assert promised.read("/sla/report?format=pdf").startswith(b"%PDF-")
    assert f"{promised.failed}" in words_of(promised.read("/sla/report?format=html").decode())


def test_what_the_budget_was_spent_on_is_the_release_that_failed(promised: Promised) -> None:
    failed = Counter(each.release for each in promised.ear.heard if each.is_failed)
    told = {part["key"]: Decimal(part["bad"]) for part in promised.reported("availability")["releases"]["parts"]}
    assert told == failed
    assert failed[BAD_RELEASE] > failed[GOOD_RELEASE]


def test_the_page_of_the_target_opens_to_the_counts(promised: Promised) -> None:
    text = promised.page("availability")
    assert f"Valid {promised.count} " in text
    assert f" {promised.failed} " in text
    assert BAD_RELEASE.rpartition("@")[2] in text


def test_the_overview_lists_the_four_with_their_states(promised: Promised) -> None:
    text = words_of(promised.http.get("/sla").raise_for_status().text)
    for name in ("availability", "response_time", "error_rate", "uptime"):
        assert name in text


def test_another_target_value_judges_the_same_counts_anew(promised: Promised) -> None:
    body = {"target_value": 0.01, "warning_threshold": 0.005, "critical_threshold": 0.001, "reason": "a walk"}
    request = urllib.request.Request(
        f"{promised.server.url}/sla/targets/availability/update",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {promised.token}", "Content-Type": "application/json"},
    )
    answer = json.loads(urllib.request.urlopen(request, timeout=20).read())
    assert answer["version"] == 2
    found = promised.target("availability")
    assert (found["state"], found["version"]) == ("met", 2)
    assert (found["budget"]["valid"], found["budget"]["bad"]) == (promised.count, promised.failed)
