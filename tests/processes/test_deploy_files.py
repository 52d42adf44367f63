"""The commands of deploy/: what compose.yaml and the systemd units start is a TradeWatch that takes and digests."""

import contextlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from tests.backends import running_postgres, running_redis, wait_until
from tests.servers import ROOT, Server, empty_server, wait_healthy

pytestmark = pytest.mark.once
DEPLOY = ROOT / "deploy"
UNITS = ("tradewatch-web@", "tradewatch-worker@", "tradewatch-beat")


def compose() -> dict[str, dict[str, object]]:
    services: dict[str, dict[str, object]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return services


def commands_of_compose() -> list[list[str]]:
    """Return the commands of the containers that are ours, the preparing ones first."""
    services = compose()
    script = services["prepare"]["command"][-1]  # type: ignore[index]  # a list, as the file says
    first = [shlex.split(part) for part in script.split("&&")]
    return [*first, *[list(services[name]["command"]) for name in ("web", "worker", "beat")]]  # type: ignore[call-overload]


def commands_of_systemd() -> list[list[str]]:
    single = (DEPLOY / "systemd" / "tradewatch.service").read_text()
    first = [shlex.split(line) for line in re.findall(r"^ExecStartPre=(.+)$", single, re.MULTILINE)]
    texts = [(DEPLOY / "systemd" / f"{name}.service").read_text() for name in UNITS]
    return [*first, *[shlex.split(re.search(r"^ExecStart=(.+)$", text, re.MULTILINE)[1]) for text in texts]]  # type: ignore[index]


@pytest.fixture
def server() -> Iterator[Server]:
    with contextlib.ExitStack() as stack:
        broker, database = stack.enter_context(running_redis()), stack.enter_context(running_postgres())
        yield stack.enter_context(empty_server(DATABASE_URL=database, REDIS_URL=broker))


def here(command: list[str], port: int) -> list[str]:
    """Return the command as this machine runs it: the programs of this environment, at a free port."""
    program = Path(command[0]).name
    known = {"python": [sys.executable]}.get(program) or [str(Path(sys.executable).parent / program)]
    assert Path(known[0]).exists(), f"{command[0]} is installed by nothing"
    rest = [{"8000": str(port), "%i": str(port), "0.0.0.0": "127.0.0.1"}.get(each, each) for each in command[1:]]
    names = {"%i": "1", "%H": "here"}  # which systemd puts in
    rest = [re.sub("%[iH]", lambda found: names[found[0]], each) for each in rest]
    return [*known, *[str(ROOT / each) if each == "manage.py" else each for each in rest]]


@pytest.mark.server
@pytest.mark.parametrize("commands", [commands_of_compose, commands_of_systemd])
def test_its_commands_start_what_takes_and_digests(server: Server, commands) -> None:
    *preparing, web, worker, beat = [here(command, server.ports[0]) for command in commands()]
    for number, command in enumerate(preparing):
        server.start(f"prepare{number}", command)
        assert server.processes[f"prepare{number}"].wait(600) == 0, server.log(f"prepare{number}")
    for name, command in (("web", web), ("worker", worker), ("beat", beat)):
        server.start(name, command)
    wait_healthy(server)
    wait_until(lambda: httpx.get(f"{server.url}/health/ready").status_code == 200, what="ready", seconds=90)
    parts = urlsplit(server.dsn)
    answer = httpx.post(f"{server.url}/api{parts.path}/store/?sentry_key={parts.username}", json={"message": "hello"})
    assert answer.status_code == 200
    assert server.drain()["pending"] == 0
    for name in ("web", "worker", "beat"):
        server.processes[name].terminate()
        assert server.processes[name].wait(60) in (0, -15), server.log(name)


def test_every_variable_it_names_is_one_of_ours() -> None:
    known = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    files = [DEPLOY / "compose.env.example", *sorted((DEPLOY / "systemd").iterdir())]
    setting = re.compile(r"^(?:Environment=)?((?:TRADEWATCH|DATABASE|REDIS)_[A-Z_]+)=", re.MULTILINE)
    named = {name for file in files for name in setting.findall(file.read_text())}
    assert named and named <= known


def test_what_compose_mounts_and_builds_is_there() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    assert (DEPLOY / "Caddyfile.compose").exists() and "./Caddyfile.compose:" in text
    assert (DEPLOY / "Dockerfile").exists() and "deploy/Dockerfile" in text
    assert {"postgres", "redis", "prepare", "web", "worker", "beat", "caddy"} == set(compose())


@pytest.mark.parametrize("name", ["Caddyfile", "Caddyfile.compose"])
def test_caddy_reads_its_file(name: str) -> None:
    command = ["caddy", "validate", "--config", str(DEPLOY / name), "--adapter", "caddyfile"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
