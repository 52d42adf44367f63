"""Each number of the performance pages against an independent count of the example application's traffic.

Two counts: what the traffic was answered (its own), and what went over the wire (an eavesdropper's, with durations).
"""

import asyncio
import json
import re
import urllib.request
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from examples.trading_app.demo import BAD_RELEASE, GOOD_RELEASE
from examples.trading_app.process import running_service
from examples.trading_app.traffic import Counts, drive
from tests.clients.eavesdropper import Eavesdropper, exact_percentile, listening
from tests.clients.test_example import requests_by_endpoint
from tests.servers import PASSWORD, Server, running_server

pytestmark = pytest.mark.clients
APDEX_SECONDS = 0.5  # what a project has by default


class Watched:
    """A server that has digested the traffic of both releases, with both counts of it."""

    def __init__(self, server: Server, ear: Eavesdropper, runs: list[Counts]) -> None:
        self.server, self.ear, self.runs = server, ear, runs
        self.token = server.token("performance:read")
        self.http = log_in(server)

    def api(self, **parameters: str) -> dict[str, Any]:
        url = f"{self.server.url}/performance/metrics?{urlencode({'window': '1h', **parameters})}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.token}"})
        body: dict[str, Any] = json.loads(urllib.request.urlopen(request, timeout=20).read())
        return body

    def page(self, path: str, **parameters: str) -> str:
        answer = self.http.get(path, params=parameters or None)
        answer.raise_for_status()
        return answer.text


def log_in(server: Server) -> httpx.Client:
    return log_in_at(server.url)


def log_in_at(url: str, **options: Any) -> httpx.Client:
    """Return a client with the session of the first user at this address, logged in as a browser does."""
    http = httpx.Client(base_url=url, follow_redirects=True, timeout=20, **options)
    form = http.get("/admin/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    fields = {"username": "admin", "password": PASSWORD, "csrfmiddlewaretoken": token[1], "next": "/performance"}
    http.post("/admin/login/", data=fields, headers={"Referer": f"{url}/admin/login/"}).raise_for_status()
    return http


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with running_server() as server, listening(server.dsn) as ear:
        runs = []
        for release in (GOOD_RELEASE, BAD_RELEASE):
            with running_service(dsn=ear.dsn, release=release) as url:
                runs.append(asyncio.run(drive(url, seconds=6, rate=15, seed=5)))
        server.drain()
        yield Watched(server, ear, runs)


def seconds_of(ear: Eavesdropper, name: str = "") -> list[float]:
    return [each.seconds for each in ear.heard if not name or each.name == name]


def apdex_of(ear: Eavesdropper, name: str = "") -> float:
    heard = [each for each in ear.heard if not name or each.name == name]
    good = [each for each in heard if not each.is_failed and each.seconds <= APDEX_SECONDS]
    fair = [each for each in heard if not each.is_failed and APDEX_SECONDS < each.seconds <= 4 * APDEX_SECONDS]
    return (len(good) + len(fair) / 2) / len(heard)


def words_of(html: str) -> str:
    without_data = re.sub(r"<script.*?</script>", " ", html, flags=re.S)
    return re.sub(r"[\s\xa0]+", " ", unescape(re.sub(r"<[^>]*>", " ", without_data)))


def assert_reads(text: str, milliseconds: float) -> None:
    """Hold a percentile as the page rounds it (`431 ms`, `1.4 s`) against the exact one, 1% off at most."""
    value, _, unit = text.partition(" ")
    shown, rounding = (float(value) * 1000, 50) if unit == "s" else (float(value), 0.5)
    assert abs(shown - milliseconds) <= milliseconds * 0.0101 + rounding, (text, milliseconds)


# --- the two counts agree, or nothing below means anything -----------------------------------------------------------
def test_what_went_over_the_wire_is_what_the_traffic_was_answered(watched: Watched) -> None:
    heard = Counter(each.name for each in watched.ear.heard)
    assert heard.pop("/health") == 2
    assert heard == requests_by_endpoint(*watched.runs)


# --- the API ---------------------------------------------------------------------------------------------------------
def test_requests_failures_and_apdex_are_exact(watched: Watched) -> None:
    heard, found = watched.ear.heard, watched.api()["requests"]
    failed = sum(each.is_failed for each in heard)
    assert failed >= sum(run.with_status("500") for run in watched.runs) > 0
    assert (found["count"], found["weighted_count"], found["failed"]) == (len(heard), len(heard), failed)
    assert found["failure_rate"] == pytest.approx(failed / len(heard))
    assert found["throughput"] == pytest.approx(len(heard) * 60 / watched.api()["window_seconds"])
    assert found["apdex"] == pytest.approx(apdex_of(watched.ear), abs=0.002)  # one on the very threshold may differ
    assert sum(point["count"] for point in found["series"]) == len(heard)


@pytest.mark.parametrize(("name", "quantile"), [("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99)])
def test_percentiles_are_within_one_percent_of_exact(watched: Watched, name: str, quantile: float) -> None:
    exact = exact_percentile(seconds_of(watched.ear), quantile)
    assert watched.api()["requests"][name] == pytest.approx(exact, rel=0.0101)
    for each in watched.api()["transactions"]:
        exact = exact_percentile(seconds_of(watched.ear, each["name"]), quantile)
        assert each[name] == pytest.approx(exact, rel=0.0101), each["name"]


def test_each_transaction_has_its_own_counts_and_share_of_time(watched: Watched) -> None:
    found = {each["name"]: each for each in watched.api()["transactions"]}
    everything = sum(seconds_of(watched.ear))
    assert set(found) == watched.ear.names
    for name, numbers in found.items():
        heard = watched.ear.of(name)
        assert (numbers["count"], numbers["failed"]) == (len(heard), sum(each.is_failed for each in heard)), name
        assert numbers["share_of_time"] == pytest.approx(sum(each.seconds for each in heard) / everything, abs=1e-6)


# --- the overview ----------------------------------------------------------------------------------------------------
def test_the_figures_on_top_say_the_same(watched: Watched) -> None:
    text, heard = words_of(watched.page("/performance")), watched.ear.heard
    failed = sum(each.is_failed for each in heard)
    assert f" {len(heard)} requests " in text
    assert f" {failed} / {len(heard)} " in text
    shown = re.search(r"Failed requests ([\d.]+) %", text)
    assert shown
    assert float(shown[1]) == pytest.approx(failed / len(heard) * 100, abs=0.051)
    p95 = re.search(r"p95, and p50 below ([\d.]+ m?s) p50 ([\d.]+ m?s) · (\d+) measured", text)
    assert p95
    for words, quantile in ((p95[1], 0.95), (p95[2], 0.5)):
        exact = exact_percentile(seconds_of(watched.ear), quantile) * 1000
        assert_reads(words, exact)
    assert int(p95[3]) == len(heard)
    apdex = re.search(r"Apdex (\d\.\d{3}) (\d+) satisfied, (\d+) tolerating of (\d+)", text)
    assert apdex
    good, fair, every = (int(apdex[at]) for at in (2, 3, 4))
    assert float(apdex[1]) == pytest.approx((good + fair / 2) / every, abs=0.0006)
    assert float(apdex[1]) == pytest.approx(apdex_of(watched.ear), abs=0.0025)


def test_the_table_says_the_same_of_each_transaction(watched: Watched) -> None:
    html = watched.page("/performance/transactions")
    rows = re.findall(r'<td class="lead.*?</tr>', html, re.S)
    everything, seen = sum(seconds_of(watched.ear)), set()
    for row in rows:
        name = unescape(re.search(r"<b>(.*?)</b>", row)[1])  # type: ignore[index]
        cells = [words_of(cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)][1:]
        heard, seconds = watched.ear.of(name), seconds_of(watched.ear, name)
        failed = sum(each.is_failed for each in heard)
        assert int(cells[0].replace(",", "")) == len(heard), name
        assert int(cells[1].split()[1]) == failed, name
        assert float(cells[1].split("%")[0]) == pytest.approx(failed / len(heard) * 100, abs=0.051), name
        for cell, quantile in ((cells[2], 0.5), (cells[3], 0.95)):
            exact = exact_percentile(seconds, quantile) * 1000
            assert_reads(cell, exact)
        assert float(cells[6]) == pytest.approx(apdex_of(watched.ear, name), abs=0.0006), name
        assert float(cells[7].split("%")[0]) == pytest.approx(sum(seconds) / everything * 100, abs=0.051), name
        seen.add(name)
    assert seen == watched.ear.names


def test_the_charts_are_made_of_the_same_requests(watched: Watched) -> None:
    html = watched.page("/performance")
    found = re.search(r'<script id="chart-throughput" type="application/json">(.*?)</script>', html, re.S)
    assert found
    values = [value for value in json.loads(found[1])["values"] if value is not None]
    assert sum(values) == pytest.approx(len(watched.ear.heard))


# --- what the numbers open to ----------------------------------------------------------------------------------------
def test_the_counts_behind_the_failures_add_up_to_them(watched: Watched) -> None:
    html = watched.page("/performance/counts/failures")
    failed = sum(each.is_failed for each in watched.ear.heard)
    sums = {}
    for table in re.findall(r'<section class="panel c6" aria-label="([^"]+)">(.*?)</section>', html, re.S):
        rows = re.findall(r"<tr>(.*?)</tr>", table[1], re.S)[1:]
        numbers = [re.findall(r'<td class="r num">(.*?)</td>', row) for row in rows]
        sums[table[0]] = (sum(int(row[0]) for row in numbers), sum(int(row[1]) for row in numbers))
    assert sums == dict.fromkeys(("Over time", "By transaction", "By release"), (failed, len(watched.ear.heard)))


def test_the_page_of_a_transaction_says_the_same(watched: Watched) -> None:
    heard = watched.ear.of("/orders")
    text = words_of(watched.page("/performance/transaction", name="/orders"))
    failed = sum(each.is_failed for each in heard)
    assert f" {len(heard)} requests " in text
    assert f" {failed} / {len(heard)} " in text
    for release in (GOOD_RELEASE, BAD_RELEASE):
        of_release = [each for each in heard if each.release == release]
        bad = sum(each.is_failed for each in of_release)
        row = re.search(rf"{re.escape(release)} (\d+) [\d.]+% (\d+) ", text)
        assert row
        assert (int(row[1]), int(row[2])) == (len(of_release), bad)
