"""From a bad deployment to a verified way back: the API, a real webhook, the receiver in docs/rollback.md as it is."""

import os
import re
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.channels.webhook import new_secret, signed_headers
from alerts.models import Alert
from releases.choices import Verdict
from releases.models import Deployment, Rollback
from releases.rollbacks.telling import tell_due
from releases.verdicts.aftermath import after_look
from releases.verdicts.telling import tell_ends, unhealthy_key
from tests.backends import free_port, wait_until
from tests.projects.builders import bearer, make_project
from tests.releases.rollbacks.builders import DAY, MINUTE, deploy, listen, look_at, make_unhealthy
from tradewatch.core.models import AuditEntry

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).parents[3] / "docs" / "rollback.md"


@pytest.fixture
def secret() -> str:
    return new_secret()


@pytest.fixture
def receiver(tmp_path: Path, secret: str) -> Iterator[tuple[str, Path]]:
    """Run the receiver of the document; return its address and the file in which its deployments end up."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), flags=re.S)
    (tmp_path / "receiver.py").write_text(code)
    deployed, script = tmp_path / "deployed", tmp_path / "deploy.sh"
    script.write_text(f'#!/bin/sh\necho "$1 $2" >> {deployed}\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    port = free_port()
    more = {"ROLLBACK_SECRET": secret, "DEPLOY": str(script), "PORT": str(port), "LISTEN": "127.0.0.1"}
    process = subprocess.Popen([sys.executable, str(tmp_path / "receiver.py")], env={**os.environ, **more})
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_until(lambda: status_of(url, {}) == 401, what="the receiver", seconds=20)
        yield url, deployed
    finally:
        process.terminate()
        process.wait(10)


def status_of(url: str, headers: dict[str, str], body: bytes = b"{}") -> int:
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(path, body or {}, content_type="application/json", headers=bearer("releases:write")).json()


def test_a_bad_deployment_and_the_way_back(
    client: Client, receiver: tuple[str, Path], secret: str, settings: Any
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    url, deployed = receiver
    listen(url, secret)
    deploy("2.0.0", at=timezone.now() - 5 * DAY)
    bad = make_unhealthy(deploy("2.0.1", at=timezone.now() - 10 * MINUTE))
    Alert.objects.create(
        project=make_project(), environment="production", dedup_key=unhealthy_key(bad.pk), severity="error",
        category="release", source="Deployment unhealthy", title="2.0.1 is unhealthy",
        starts_at=timezone.now(), last_at=timezone.now(),
    )  # fmt: skip
    look_at(bad, Verdict.UNHEALTHY, 5)

    asked = post(client, f"/release/deployments/{bad.pk}/rollback", {"reason": "orders fail"})
    assert (asked["status"], asked["to_version"]) == ("requested", "2.0.0")
    tell_due(timezone.now())
    wait_until(
        lambda: deployed.exists() and deployed.read_text() == "production 2.0.0\n", what="CI's deploy", seconds=20
    )
    assert Rollback.objects.get().answer == "202"

    said = {"environment": "production", "version": "2.0.0", "deployed_by": "CI"}
    started = post(client, "/release/deploy/start", said)
    back = post(client, f"/release/deploy/{started['deployment_id']}/complete", {"success": True})
    told = client.get(f"/release/rollbacks/{asked['rollback_id']}", headers=bearer("releases:read")).json()
    assert (told["status"], told["restoring_id"]) == ("deployed", back["deployment_id"])
    status = client.get("/release/status", headers=bearer("releases:read")).json()["environments"]["production"]
    assert (status["current"]["version"], status["previous"]["status"]) == ("2.0.0", "rolled_back")
    assert tell_ends(timezone.now()) == 1

    after_look(look_at(Deployment.objects.get(pk=back["deployment_id"]), Verdict.HEALTHY, 5))  # as the app wired it
    told = client.get(f"/release/rollbacks/{asked['rollback_id']}", headers=bearer("releases:read")).json()
    assert told["status"] == "verified" and told["outcome"].startswith("Healthy after 5 min")
    assert Alert.objects.get().state == "resolved"

    end = (timezone.now() + timedelta(minutes=1)).isoformat()
    window = {"start": (timezone.now() - 29 * DAY).isoformat(), "end": end}
    dora = client.get("/release/dora", window, headers=bearer("releases:read")).json()["environments"]["production"]
    assert dora["change_fail_rate"] == {"ratio": 0.5, "failed": 1, "deployments": 2}
    assert (dora["deployment_frequency"]["rollbacks"], dora["time_to_restore"]["incidents"]) == (1, 1)
    trail = AuditEntry.objects.filter(object_type="releases.rollback").order_by("id").values_list("action", flat=True)
    assert list(trail) == ["rollback.request", "rollback.deploy", "rollback.verify"]


def test_the_receiver_of_the_document_takes_nothing_that_is_not_signed(receiver: tuple[str, Path], secret: str) -> None:
    url, deployed = receiver
    body = b'{"data": {"environment": "production", "to_version": "1.0.0"}}'
    forged = signed_headers(body, [new_secret()], "rollback-1", now=timezone.now())
    assert status_of(url, forged, body) == 401
    old = signed_headers(body, [secret], "rollback-1", now=timezone.now() - timedelta(hours=1))
    assert status_of(url, old, body) == 401
    good = signed_headers(body, [secret], "rollback-1", now=timezone.now())
    assert [status_of(url, good, body) for _ in range(2)] == [202, 202]
    wait_until(deployed.exists, what="the deployment", seconds=10)
    assert deployed.read_text().splitlines() == ["production 1.0.0"]  # told twice, done once
