"""The example application deploys a bad release, then a good one: stock SDK in, verdict, alert and mail out.

Looks come minutes after a deployment: the time of the tick is given, nothing else is shortened.
"""

import asyncio
import json
import urllib.request
from typing import Any

import pytest

from examples.trading_app.demo import BAD_RELEASE, GOOD_RELEASE
from examples.trading_app.process import running_service
from examples.trading_app.traffic import drive
from tests.backends import wait_until
from tests.clients.stored import ask
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]

NEXT_RELEASE = "trading-api@2.0.2"  # without the table of 2.0.1
LOOK = """
import json
from datetime import timedelta
from releases.models import Deployment
from releases.verdicts.services import take_due_looks
row = Deployment.objects.get(pk={pk})
looks = take_due_looks(row.finished_at + timedelta(minutes=7))
print(json.dumps([[look.minutes, look.verdict] for look in looks if look.deployment_id == row.pk]))
"""


def traffic_on(server: Server, release: str, environment: str) -> None:
    with running_service(dsn=server.dsn, release=release, environment=environment) as url:
        asyncio.run(drive(url, seconds=14, rate=50, seed=5))


def call(server: Server, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        server.url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {server.token('releases:write')}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def deploy(server: Server, release: str, environment: str) -> int:
    asked = {"environment": environment, "version": release, "deployed_by": "Mara Lindqvist"}
    pk: int = call(server, "/release/deploy/start", asked)["deployment_id"]
    call(server, f"/release/deploy/{pk}/complete", {"success": True})
    return pk


def looked_at(server: Server, release: str, environment: str) -> Any:
    """Return the deployment after its first look: the good release's traffic, the deployment, the release's own."""
    traffic_on(server, GOOD_RELEASE, environment)
    pk = deploy(server, release, environment)
    traffic_on(server, release, environment)
    server.drain()
    assert [minutes for minutes, _ in ask(server, LOOK.format(pk=pk))] == [5]
    return call(server, f"/release/deployments/{pk}")


def worse(look: Any, family: str) -> list[Any]:
    return [each for each in look["evidence"]["judgement"][family] if each["finding"] == "worse"]


def test_the_bad_release_is_unhealthy_and_the_right_issue_is_named(server: Server) -> None:
    told = looked_at(server, BAD_RELEASE, "paper")
    (look,) = told["looks"]
    assert told["verdict"]["verdict"] == "unhealthy"
    assert "KeyError in examples.trading_app.margin.margin_by_tier" in told["verdict"]["summary"]
    (incident,) = worse(look, "issues")
    assert (incident["title"], incident["is_new"], incident["before"]) == ("KeyError", True, 0)
    status = call(server, "/release/status?environment=paper")
    assert status["environments"]["paper"]["verdict"] == told["verdict"]

    mails = server.home / "mails"
    title = f"{BAD_RELEASE} to paper is unhealthy"

    def is_mailed() -> bool:
        return mails.exists() and any(title in each.read_text() for each in mails.iterdir())

    wait_until(is_mailed, what="the mail", seconds=90)  # group_wait is 30 s
    mail = next(text for each in mails.iterdir() if title in (text := each.read_text()))
    assert (
        "margin_by_tier" in mail
        and "Mara Lindqvist" in mail
        and f"/releases/deployments/{told['deployment_id']}" in mail
    )


def test_a_good_release_of_the_same_length_is_not(server: Server) -> None:
    (look,) = looked_at(server, NEXT_RELEASE, "paper")["looks"]
    assert worse(look, "errors") == worse(look, "issues") == []
    assert look["evidence"]["judgement"]["judged_share"] > 0.5
    if not worse(look, "latencies"):  # whatever else this machine did meanwhile may have made one of the runs slower
        assert look["verdict"] == "healthy"
