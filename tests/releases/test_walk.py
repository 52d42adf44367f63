"""The seed's curl lines and a real SDK's sessions against a running server."""

import json
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import HttpTransport

from tests.backends import wait_until
from tests.clients.stored import new_release
from tests.servers import Server

pytestmark = pytest.mark.server


@dataclass(frozen=True)
class Ci:
    """Whoever has curl and a token."""

    server: Server
    token: str

    def curl(self, path: str, body: str = "") -> tuple[int, Any]:
        command = [
            "curl",
            "-s",
            "-w",
            "\n%{http_code}",
            self.server.url + path,
            "-H",
            f"Authorization: Bearer {self.token}",
        ]
        if body:
            command += ["-X", "POST", "-H", "Content-Type: application/json", "-d", body]
        told, status = subprocess.run(command, capture_output=True, text=True, check=True).stdout.rsplit("\n", 1)
        return int(status), json.loads(told)


@pytest.fixture
def ci(shared_server: Server) -> Ci:
    return Ci(shared_server, shared_server.token("releases:write"))


class SendsTwice(HttpTransport):
    """As a network that loses answers makes an SDK do."""

    def capture_envelope(self, envelope: Envelope) -> None:
        super().capture_envelope(envelope)
        super().capture_envelope(envelope)


def run_session(scope: sentry_sdk.Scope, user: str, *, has_crashed: bool, has_failed: bool) -> None:
    """A session that is told when it begins and when it ends."""
    scope.set_user({"id": user})
    scope.start_session(session_mode="application")
    session = scope._session
    assert session is not None
    scope.get_client().capture_session(session)
    scope.get_client().session_flusher.flush()
    if has_failed:
        session.update(errors=1)
    if has_crashed:
        session.update(status="crashed")
    scope.end_session()


def run_sessions(dsn: str, release: str, environment: str) -> dict[str, int]:
    """Let a real SDK run sessions, each envelope delivered twice; return a count of our own."""
    client = sentry_sdk.Client(dsn, release=release, environment=environment, transport=SendsTwice)
    counts: Counter[str] = Counter()
    users, unlucky = set(), set()
    for number in range(40):
        user, has_crashed, has_failed = f"user-{number % 7}", number % 10 == 3, number % 4 == 0
        with sentry_sdk.new_scope() as scope:
            scope.set_client(client)
            run_session(scope, user, has_crashed=has_crashed, has_failed=has_failed)
        counts += Counter(sessions=1, errored=has_failed or has_crashed, crashed=has_crashed)
        users.add(user)
        unlucky |= {user} if has_crashed else set()
    client.close(timeout=10)
    return {**counts, "users": len(users), "crashed_users": len(unlucky)}


def test_the_lines_of_the_seed_and_jobs_at_once(ci: Ci) -> None:
    environment = new_release("walk").partition("@")[2].replace(".", "-")
    start = json.dumps({"environment": environment, "version": "2.0.1"})
    with ThreadPoolExecutor(6) as jobs:
        started = list(jobs.map(lambda _: ci.curl("/release/deploy/start", start), range(6)))
    assert Counter(status for status, _ in started) == {201: 1, 200: 5}
    (deployment_id,) = {told["deployment_id"] for _, told in started}
    path = f"/release/deploy/{deployment_id}/complete"
    with ThreadPoolExecutor(6) as jobs:
        ends = list(jobs.map(lambda n: ci.curl(path, json.dumps({"success": n % 2 == 0})), range(6)))
    _, kept = ci.curl(f"/release/deployments/{deployment_id}")
    for number, (status, told) in enumerate(ends):
        said = "succeeded" if number % 2 == 0 else "failed"
        assert (status, told.get("finished_at")) == (
            (200, kept["finished_at"]) if said == kept["status"] else (409, None)
        )


def test_a_real_sdks_sessions_name_the_deployment_and_are_its_health(ci: Ci, shared_server: Server) -> None:
    release = new_release("walk")
    environment = release.replace("@", "-")
    _, deployment = ci.curl("/release/deploy/start", json.dumps({"environment": environment}))
    assert deployment["version"] is None
    expected = run_sessions(shared_server.dsn, release, environment)
    shared_server.drain()
    _, found = ci.curl(f"/release/health?version={release}&environment={environment}&window=1h")
    health = found["health"]
    assert {name: health[name] for name in expected} == expected
    assert health["crash_free_sessions"] == 1 - expected["crashed"] / expected["sessions"]
    assert (health["adoption"], sum(point["sessions"] for point in found["series"])) == (1.0, expected["sessions"])

    def is_named() -> bool:
        _, told = ci.curl(f"/release/deployments/{deployment['deployment_id']}")
        return bool(told["version"] == release)

    wait_until(is_named, what="the first session to name the deployment", seconds=30)
    _, done = ci.curl(f"/release/deploy/{deployment['deployment_id']}/complete", '{"success": true}')
    _, status = ci.curl(f"/release/status?environment={environment}")
    assert status["environments"][environment]["current"] == done
