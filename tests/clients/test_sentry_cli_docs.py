"""docs/sentry-cli.md: its commands as they are written there, one after the other."""

import re
import shlex
from pathlib import Path

import pytest

from tests.clients.sentry_cli import SentryCli
from tests.clients.test_sentry_cli_commits import REPOSITORY, cli_of, work_in
from tests.servers import ROOT, Server

pytestmark = [pytest.mark.clients, pytest.mark.once]


def commands_of(page: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("sentry-cli ")]


def test_each_command_does_what_the_page_says(shared_server: Server, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "sentry-cli.md").read_text()
    cli: SentryCli = cli_of(shared_server, tmp_path)
    repo = work_in(tmp_path)
    shared_server.manage("shell", "--no-imports", "-c", REPOSITORY.format(project=cli.project, path=""))
    repo.write("dist/app.js", "console.log(1)")
    older, newer = repo.git("rev-parse", "HEAD~1"), repo.git("rev-parse", "HEAD")
    commands = commands_of(page)
    assert len(commands) > 12
    for command in commands:
        typed = command.replace("PREVIOUS_SHA", older).replace("SHA", newer)
        done = cli(*shlex.split(typed)[1:])
        assert done.code == 0, f"{command}: {done.told}"
