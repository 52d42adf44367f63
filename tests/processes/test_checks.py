"""Checks as real processes run them: fifty of which ten hang keep their rhythm, and an outage becomes an alert."""

import json
import urllib.request
from typing import Any

import pytest

from tests.backends import free_port, wait_until
from tests.performance.checks.builders import http_server
from tests.performance.checks.servers import silent_server
from tests.servers import Server, running_server

pytestmark = pytest.mark.server
MAKE = """
from django.utils import timezone
from tradewatch.performance.models import Check
from tradewatch.projects.models import Project

def make(name, kind, address, **fields):
    Check.objects.create(
        project=Project.objects.get(slug="default"), name=name, kind=kind, address=address, environment="production",
        interval_seconds=10, next_due_at=timezone.now(), **{{"timeout_seconds": 9, "retries": 1, **fields}}
    )

for number in range(50):
    if number % 5 == 0:
        make(f"hanging {{number}}", "http", "http://127.0.0.1:{silent}/")
    elif number % 2:
        make(f"fine {{number}}", "tcp", "127.0.0.1:{fine}")
    else:
        make(f"fine {{number}}", "http", "http://127.0.0.1:{fine}/")
make("comes and goes", "http", "http://127.0.0.1:{moving}/", timeout_seconds=5, retries=0)
"""


def read(server: Server, path: str, token: str) -> Any:
    request = urllib.request.Request(f"{server.url}{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_ten_that_hang_delay_nobody_and_an_outage_opens_and_ends_an_alert() -> None:
    moving = free_port()
    with (
        http_server() as fine,
        silent_server() as silent,
        running_server(TRADEWATCH_OUTBOUND_ALLOW="127.0.0.0/8") as server,
    ):
        token = server.token("performance:read", "alerts:read")
        with http_server(port=moving):
            made = MAKE.format(fine=fine.server_port, silent=silent, moving=moving)
            server.manage("shell", "-c", made)

            def checks() -> dict[str, Any]:
                return {row["name"]: row for row in read(server, "/performance/checks?limit=200", token)["results"]}

            def states() -> dict[str, int]:
                counted: dict[str, int] = {}
                for row in checks().values():
                    counted[row["state"]] = counted.get(row["state"], 0) + 1
                return counted

            wait_until(lambda: states().get("up") == 41, what="forty and one up", seconds=90)
            wait_until(lambda: states() == {"up": 41, "down": 10}, what="ten down", seconds=150)
        ids = {name: row["id"] for name, row in checks().items()}
        wait_until(lambda: checks()["comes and goes"]["state"] == "down", what="it goes", seconds=90)

        def alerts() -> list[str]:
            return [alert["title"] for alert in read(server, "/alerts/active", token)["results"]]

        wait_until(lambda: "comes and goes: down" in alerts(), what="the alert", seconds=90)
        wait_until(lambda: sum(title.startswith("hanging") for title in alerts()) == 10, what="theirs", seconds=90)
        with http_server(port=moving):
            wait_until(lambda: checks()["comes and goes"]["state"] == "up", what="it comes back", seconds=90)
            wait_until(lambda: "comes and goes: down" not in alerts(), what="the end", seconds=90)
        for worker in [name for name in server.processes if name.startswith("worker")]:
            assert "check was not run" not in server.log(worker)
        fine_runs = [
            len(read(server, f"/performance/checks/{ids[name]}/results?limit=200", token)["results"])
            for name in ids
            if name.startswith("fine")
        ]
        seconds = [
            read(server, f"/performance/checks/{ids[name]}?window=1h", token)["uptime"]
            for name in ids
            if name.startswith("fine")
        ]
        assert max(fine_runs) - min(fine_runs) <= max(2, max(fine_runs) / 4), ("the forty ran alike", fine_runs)
        assert [each for each in seconds if float(each["down_seconds"]) or each["share"] != 1.0] == []
        spans = [float(each["up_seconds"]) for each in seconds]
        # Each has run about every ten seconds of the time that is known of it, if less often on a machine that others
        # keep busy. Behind the ten that hang it would be a tenth of that.
        assert all(runs >= span / 10 * 0.4 for runs, span in zip(fine_runs, spans, strict=True)), (fine_runs, spans)
