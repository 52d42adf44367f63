"""The script that CI runs, as it is written, under both shells, against a real server."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone

from tests.backends import free_port, wait_until
from tests.clients.stored import new_release
from tests.servers import ROOT, Server

SCRIPT = ROOT / "examples" / "ci" / "tradewatch-deploy.sh"
NO_GO, AWAY, REFUSED, USAGE = 10, 11, 12, 2


@dataclass(frozen=True)
class Ci:
    """A job of a pipeline. `tools`: the folder with the only programs that it finds."""

    url: str
    token: str
    shell: str = "dash"
    tools: Path | None = None
    environment: str = field(default_factory=lambda: new_release("ci").replace("@", "-"))

    def start(self, *options: str, command: Sequence[str] = ("true",), **more: Any) -> subprocess.Popen[str]:
        environ = {**os.environ, "TRADEWATCH_URL": self.url, "TRADEWATCH_TOKEN": self.token}
        if self.tools:
            environ["PATH"] = str(self.tools)
        line = [shutil.which(self.shell) or self.shell, str(SCRIPT), "--environment", self.environment]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [*line, *options, "--", *command], env=environ, text=True, preexec_fn=_as_started_by_hand, **pipes, **more
        )

    def run(self, *options: str, command: Sequence[str] = ("true",), stdin: str = "") -> tuple[int, str, str]:
        """Return the exit code, what the command printed, and what the script said."""
        job = self.start(*options, command=command)
        told, said = job.communicate(stdin, timeout=120)
        return job.returncode, told, said

    def deployments(self) -> list[dict[str, Any]]:
        """Return (newest first) what TradeWatch knows of the environment."""
        found: list[dict[str, Any]] = self.ask("/release/deployments", environment=self.environment)["results"]
        return found

    def ask(self, path: str, **query: str) -> Any:
        return httpx.get(self.url + path, params=query, headers=self._headers, timeout=60).json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = httpx.post(self.url + path, json=body, headers=self._headers, timeout=60)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _as_started_by_hand() -> None:
    """In the background an interrupt is ignored, and a shell cannot trap what it began by ignoring."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="module")
def token(shared_server: Server) -> str:
    return shared_server.token("releases:write")


@pytest.fixture(params=["dash", "bash"])
def ci(request: pytest.FixtureRequest, shared_server: Server, token: str) -> Ci:
    return Ci(shared_server.url, token, shell=request.param)


@pytest.fixture
def away(shared_server: Server) -> Ci:
    return Ci(f"http://127.0.0.1:{free_port()}", "any")


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def freeze(ci: Ci, seconds: float) -> dict[str, Any]:
    """Freeze the environment for so long."""
    now = timezone.now()
    moments = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(seconds=seconds)}
    said = {"name": 'Year "end"', "environment": ci.environment}
    made: dict[str, Any] = ci.post("/release/freezes", {**said, **{key: at.isoformat() for key, at in moments.items()}})
    return made


@pytest.mark.once
@pytest.mark.server
def test_it_asks_starts_runs_and_completes(ci: Ci) -> None:
    options = ["--version", "2.0.1", "--commit", "9f3c2e1", "--ref", "refs/tags/v2.0.1", "--by", 'Mara "M" $(id)']
    code, told, said = ci.run(*options, "--url", "https://ci.example/8812?a=b&c", command=["cat"], stdin="deploying")
    assert (code, told) == (0, "deploying"), said
    assert "gate says go" in said and "succeeded" in said
    (row,) = ci.deployments()
    assert row == row | {"status": "succeeded", "version": "2.0.1", "commit": "9f3c2e1", "ref": "refs/tags/v2.0.1"}
    assert (row["deployed_by"], row["url"]) == ('Mara "M" $(id)', "https://ci.example/8812?a=b&c")
    assert ci.token not in said


@pytest.mark.once
@pytest.mark.server
def test_a_command_that_fails_fails_the_deployment_and_keeps_its_code(ci: Ci) -> None:
    code, _, said = ci.run("--version", "2.0.2", command=["sh", "-c", "exit 7"])
    (row,) = ci.deployments()
    assert (code, row["status"], row["message"]) == (7, "failed", "exit code 7"), said
    code, _, _ = ci.run("--version", "2.0.3", command=["no-such-command"])
    assert (code, ci.deployments()[0]["status"]) == (127, "failed")


@pytest.mark.once
@pytest.mark.server
def test_no_go_ends_the_job_before_it_starts_and_says_why(ci: Ci) -> None:
    freeze(ci, 3600)
    code, told, said = ci.run("--version", "2.0.1", command=["echo", "deploying"])
    assert (code, told, ci.deployments()) == (NO_GO, "", []), said
    assert 'no go: Freeze “Year "end"” until' in said and "ask again in 3" in said
    assert f"{ci.url}/releases/gate" in said and "/release/gate/override" in said
    override = {"environment": ci.environment, "version": "2.0.1", "reason": "Outage", "minutes": 5}
    ci.post("/release/gate/override", override)
    code, told, said = ci.run("--version", "2.0.1", command=["echo", "deploying"])
    assert (code, told) == (0, "deploying\n"), said
    assert "gate says warn" in said


@pytest.mark.once
@pytest.mark.server
def test_it_waits_for_what_ends_in_time(shared_server: Server, token: str) -> None:
    ci = Ci(shared_server.url, token)
    freeze(ci, 4)
    started = time.monotonic()
    code, _, said = ci.run("--wait", "60")
    assert (code, len(ci.deployments())) == (0, 1), said
    assert said.index("gate says no_go") < said.index("gate says go")
    assert time.monotonic() - started < 45
    other = Ci(shared_server.url, token)
    freeze(other, 3600)
    code, _, said = other.run("--wait", "2")
    assert (code, said.count("gate says no_go"), other.deployments()) == (NO_GO, 2, []), said


@pytest.mark.once
@pytest.mark.server
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_job_that_is_cancelled_completes_as_failed(ci: Ci, number: signal.Signals, tmp_path: Path) -> None:
    mark = tmp_path / "ended"
    command = ["sh", "-c", f"trap 'echo x > {mark}; exit 1' TERM; while :; do sleep 0.1; done"]
    job = ci.start("--version", "2.0.4", command=command)
    wait_until(lambda: bool(ci.deployments()), what="the deployment to start", seconds=60)
    time.sleep(1)
    job.send_signal(number)
    _, said = job.communicate(timeout=60)
    (row,) = ci.deployments()
    assert (job.returncode, row["status"], row["message"]) == (128 + number, "failed", "interrupted"), said
    assert mark.exists()  # the command was told to end, and waited for


@pytest.mark.once
@pytest.mark.server
@pytest.mark.parametrize("reader", ["jq", "python3"])
def test_either_reader_of_json_will_do(shared_server: Server, token: str, tmp_path: Path, reader: str) -> None:
    tools = {name: shutil.which(name) for name in ("sh", "curl", "mktemp", "sed", "date", "cat", "rm", "sleep", "jq")}
    tools = {**tools, "python3": sys.executable}
    del tools["jq" if reader == "python3" else "python3"]
    for name, path in tools.items():
        assert path, f"{name} is not installed"
        (tmp_path / name).symlink_to(path)
    ci = Ci(shared_server.url, token, tools=tmp_path)
    code, _, said = ci.run("--version", "2.0.1", "--by", 'x="y" \\ ü')
    assert (code, ci.deployments()[0]["deployed_by"]) == (0, 'x="y" \\ ü'), said
    freeze(ci, 3600)
    code, _, said = ci.run()
    assert code == NO_GO and 'no go: Freeze “Year "end"”' in said


@pytest.mark.once
@pytest.mark.server
def test_what_tradewatch_refuses_ends_the_job_also_when_it_may_fail_open(ci: Ci) -> None:
    code, told, said = ci.run("--version", "../x", "--fail-open", command=["echo", "deploying"])
    assert (code, told) == (REFUSED, "") and "must not contain /" in said
    stranger = Ci(ci.url, "tw_none", shell=ci.shell)
    code, told, said = stranger.run("--fail-open", command=["echo", "deploying"])
    assert (code, told) == (REFUSED, "") and "401" in said
    code, told, said = ci.run("--commit", "HEAD", command=["echo", "deploying"])
    assert (code, told) == (REFUSED, "") and "hexadecimal" in said


@pytest.mark.once
@pytest.mark.server
def test_without_tradewatch_it_ends_soon_and_deploys_untold_where_it_may(away: Ci) -> None:
    code, told, said = away.run("--tries", "2", command=["echo", "deploying"])
    assert (code, told) == (AWAY, ""), said
    code, told, said = away.run("--tries", "1", "--fail-open", command=["sh", "-c", "echo deploying; exit 3"])
    assert (code, told) == (3, "deploying\n"), said
    assert "TradeWatch is away" in said


@pytest.mark.once
@pytest.mark.server
def test_a_server_that_never_answers_hangs_nothing(silent: str) -> None:
    started = time.monotonic()
    code, _, said = Ci(silent, "any").run("--tries", "2", "--timeout", "1")
    assert (code, time.monotonic() - started < 30) == (AWAY, True), said


@pytest.mark.once
@pytest.mark.server
def test_the_token_is_in_no_argument(silent: str) -> None:
    job = Ci(silent, "tw_secret_of_mine").start("--tries", "1", "--timeout", "5")
    time.sleep(1)
    listed = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    job.communicate(timeout=60)
    assert "tradewatch-deploy.sh" in listed and "tw_secret_of_mine" not in listed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--environment is needed"),
        (["--environment", "production"], "no command after --"),
        (["--environment"], "needs a value"),
        (["--environment", "production", "--what", "--", "true"], "unknown option --what"),
        (["--environment", "production", "--wait", "soon", "--", "true"], "whole numbers"),
        (["--environment", "production", "--tries", "", "--", "true"], "whole numbers"),
    ],
)
@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_what_it_is_told_wrong_it_says(shell: str, arguments: list[str], words: str) -> None:
    environ = {"PATH": os.environ["PATH"], "TRADEWATCH_URL": "http://127.0.0.1:9", "TRADEWATCH_TOKEN": "x"}
    done = subprocess.run([shell, str(SCRIPT), *arguments], capture_output=True, text=True, env=environ, check=False)
    assert (done.returncode, words in done.stderr) == (USAGE, True), done.stderr


def test_it_needs_its_address_and_token() -> None:
    line = ["dash", str(SCRIPT), "--environment", "production", "--", "true"]
    done = subprocess.run(line, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}, check=False)
    assert done.returncode != 0 and "TRADEWATCH_URL" in done.stderr
    assert not done.stdout
