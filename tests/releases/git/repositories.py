"""Real repositories, made by git itself."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NOBODY = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_COMMITTER_NAME": "CI",
    "GIT_COMMITTER_EMAIL": "ci@example.com",
}
FIRST_SECOND = 1_780_000_000  # 2026-05-28


@dataclass
class Repo:
    """A working copy; the clock moves on a minute with each commit."""

    path: Path
    minutes: int = 0

    def git(self, *arguments: str | bytes, stdin: bytes = b"", **more: str) -> str:
        at = f"{FIRST_SECOND + 60 * self.minutes} +0000"
        environment = {**_NOBODY, "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at, **more}
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=environment, input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode("utf-8", "replace").strip()

    def write(self, path: str, text: str = "") -> None:
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"{text}\n{self.minutes}\n")

    def commit(self, message: str | bytes = "feat: more", *paths: str, author: str = "Mara <mara@example.com>") -> str:
        """Write the paths, commit all there is, and return the hash."""
        self.minutes += 1
        for path in paths:
            self.write(path)
        self.git("add", "-A")
        text = message.encode() if isinstance(message, str) else message
        self.git(
            "commit", "-q", "--allow-empty", "--allow-empty-message", "--cleanup=verbatim", "--file=-", stdin=text,
            GIT_AUTHOR_NAME=author.partition(" <")[0], GIT_AUTHOR_EMAIL=author.partition("<")[2].rstrip(">"),
        )  # fmt: skip
        return self.git("rev-parse", "HEAD")

    def merge(self, *branches: str, message: str = "Merge") -> str:
        self.minutes += 1
        self.git("merge", "-q", "--no-ff", "-m", message, *branches, GIT_AUTHOR_NAME="CI", GIT_AUTHOR_EMAIL="c@i")
        return self.git("rev-parse", "HEAD")


def make_repo(path: Path) -> Repo:
    path.mkdir(parents=True, exist_ok=True)
    repo = Repo(path)
    repo.git("init", "-q", "-b", "main")
    return repo


def import_chain(repo: Repo, count: int, *, files: int = 2) -> None:
    """Make a chain of commits on `main` by `git fast-import`, in about a second for 10,000."""
    parts = []
    for number in range(1, count + 1):
        at = FIRST_SECOND + 60 * number
        message = f"fix(area{number % 20}): number {number}\n\nIts body.\n"
        who = f"Mara <mara@example.com> {at} +0000"
        parts.append(f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata {len(message)}\n{message}")
        for at_file in range(files):
            content = f"{number}\n"
            path = f"app/part{(number + at_file) % 50}/module{at_file}.py"
            parts.append(f"M 100644 inline {path}\ndata {len(content)}\n{content}")
        parts.append("\n")
    repo.git("fast-import", "--quiet", stdin="".join(parts).encode())
