"""Business metrics of the example through the stock SDK: what page and API show is what the traffic counted itself."""

import asyncio
import html
import json
import re
import urllib.request
from typing import Any
from urllib.parse import urlencode

import pytest

from examples.trading_app.demo import BAD_RELEASE
from examples.trading_app.process import running_service
from examples.trading_app.traffic import Counts, drive
from tests.clients.test_performance_numbers import log_in
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]


def series(server: Server, token: str, name: str, **parameters: str) -> dict[str, Any]:
    url = f"{server.url}/performance/metrics/{name}/series?{urlencode({'window': '1h', **parameters})}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    body: dict[str, Any] = json.loads(urllib.request.urlopen(request, timeout=20).read())
    return body


def groups(told: dict[str, Any]) -> dict[str, float]:
    return {each["label"]: each["value"] for each in told["groups"]}


def rejected_of(counts: Counts) -> dict[str, int]:
    at_venue = counts.intents["late venue"] + counts.intents["dropping venue"]
    orders = counts.answers["POST /orders"]
    return {"risk": orders["409"], "venue": at_venue, "fault": orders["500"] - at_venue}


def test_the_numbers_of_the_desk_are_those_of_the_traffic(server: Server) -> None:
    with running_service(dsn=server.dsn, release=BAD_RELEASE) as url:
        counts = asyncio.run(drive(url, seconds=5, rate=15, seed=5))
    server.drain()
    orders, rejected = counts.answers["POST /orders"], rejected_of(counts)
    filled, placed = orders["201"], orders["201"] + sum(rejected.values())
    token = server.token("performance:read")

    assert series(server, token, "orders.filled", aggregation="sum")["value"] == filled
    assert series(server, token, "orders.placed", aggregation="sum")["value"] == placed
    assert groups(series(server, token, "orders.rejected", aggregation="sum", by="reason")) == rejected
    latency = series(server, token, "orders.latency", aggregation="count", by="outcome")
    assert (latency["unit"], latency["value"]) == ("millisecond", placed)
    assert groups(latency) == {"filled": filled, "rejected": sum(rejected.values())}
    slow = series(server, token, "orders.latency", aggregation="max", by="venue")
    assert groups(slow)["XSLO"] > 450  # it never answers, and the client waits for half a second
    rate = series(server, token, "orders.fill_rate", aggregation="last", where="venue=XSLO")
    assert (rate["unit"], rate["value"]) == ("ratio", 0.0)

    page = log_in(server).get(
        "/performance/metrics-explorer", params={"metric.0": "orders.filled|counter|", "aggregation.0": "sum"}
    )
    chart = re.search(r'<script id="chart-metric-0" type="application/json">(.*?)</script>', page.text, re.DOTALL)
    assert chart
    assert sum(value or 0 for value in json.loads(html.unescape(chart[1]))["values"]) == filled
    assert f'title="over the whole range">{filled} ' in page.text
