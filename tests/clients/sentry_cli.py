"""The stock sentry-cli, as CI runs it: with its settings in the environment alone."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SENTRY_CLI = Path(sys.executable).with_name("sentry-cli")


@dataclass(frozen=True)
class Ran:
    """`told`: what was printed, both streams."""

    code: int
    told: str

    @property
    def rows(self) -> list[list[str]]:
        """The rows of the table that was printed, without its head."""
        lines = [line for line in self.told.splitlines() if line.startswith("|")]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


@dataclass(frozen=True)
class SentryCli:
    """`folder`: where it runs; commits are those of the repository there."""

    url: str
    token: str
    folder: Path
    project: str = "default"

    def __call__(self, *arguments: str, **environment: str) -> Ran:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("SENTRY_", "GIT_"))}
        told = {
            "SENTRY_URL": self.url,
            "SENTRY_AUTH_TOKEN": self.token,
            "SENTRY_ORG": "tradewatch",
            "SENTRY_PROJECT": self.project,
            "SENTRY_NO_PROGRESS_BAR": "1",
            "HOME": str(self.folder),
            **environment,
        }
        done = subprocess.run(
            [str(SENTRY_CLI), *arguments],
            cwd=self.folder,
            env={**plain, **{name: value for name, value in told.items() if value}},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Ran(done.returncode, done.stdout + done.stderr)
