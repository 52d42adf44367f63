"""The example's bad release: what a session exports fails against it, and passes against the release that is right.

The files are run by a pytest, a bash and a curl of their own.
"""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from examples.trading_app.demo import BAD_RELEASE, GOOD_RELEASE
from examples.trading_app.process import running_service
from tests.clients.stored import ask, new_release
from tests.debugging.test_walk import EVENTS, place_orders
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]


# The project's targets may ask for a key: others list theirs at the same server.
DEVELOPERS = {"TRADEWATCH_X_API_KEY": "of-another-target"}


def run_test(path: Path, url: str) -> subprocess.CompletedProcess[str]:
    env = {
        "PATH": os.environ["PATH"],
        "TRADEWATCH_TARGET_URL": url,
        **DEVELOPERS,
    }  # a developer's: nothing of our tests
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(path.parent), path.name]
    return subprocess.run(command, cwd=path.parent, env=env, capture_output=True, text=True, timeout=60, check=False)


def run_curl(path: Path, url: str) -> str:
    """Return the status line that curl prints."""
    env = {**os.environ, "TRADEWATCH_TARGET_URL": url, **DEVELOPERS}
    done = subprocess.run(["bash", path.name], cwd=path.parent, env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[0]


def test_the_exported_test_fails_while_the_bug_lives_and_passes_when_it_is_gone(
    shared_server: Server, tmp_path: Path
) -> None:
    environment = new_release("export").partition("@")[2].replace(".", "-")
    headers = {"Authorization": f"Bearer {shared_server.token('debug:write')}"}
    http = httpx.Client(base_url=shared_server.url, headers=headers, timeout=30)
    with running_service(dsn=shared_server.dsn, release=BAD_RELEASE, environment=environment) as broken:
        assert set(place_orders(broken, "acc-4")) == {500}
        shared_server.drain()
        events = ask(shared_server, EVENTS.format(environment=environment))
        planted = next(event_id for event_id, kind in events if kind == "KeyError")
        session_id = http.post(f"/debug/session/{planted}", json={}).raise_for_status().json()["session_id"]

        files = {}
        for form in ("pytest", "curl", "http"):
            answer = http.get(f"/debug/session/{session_id}/reproduction", params={"format": form}).raise_for_status()
            files[form] = tmp_path / answer.headers["Content-Disposition"].partition('"')[2].rstrip('"')
            files[form].write_bytes(answer.content)
        failed = run_test(files["pytest"], broken)
        assert failed.returncode == 1, failed.stdout + failed.stderr
        assert f"DBG-{session_id} lives: 500" in failed.stdout and "1 failed" in failed.stdout
        assert " 500 " in run_curl(files["curl"], broken)
    with running_service(dsn=shared_server.dsn, release=GOOD_RELEASE, environment=environment) as repaired:
        passed = run_test(files["pytest"], repaired)
        assert passed.returncode == 0, passed.stdout + passed.stderr
        assert "1 passed" in passed.stdout
        assert " 201 " in run_curl(files["curl"], repaired)
    gone = run_test(files["pytest"], repaired)  # nobody answers there: that proves nothing
    assert gone.returncode == 1 and "ConnectError" in gone.stdout
    assert "acc-4" in files["http"].read_text()
    session = http.get(f"/debug/session/{session_id}").json()
    assert [entry["kind"] for entry in session["audit"]] == ["export", "export", "export", "opened"]
