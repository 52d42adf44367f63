"""Real git repositories for tests, made by `git fast-import`, and read back by git itself."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from releases.notes.values import Told

_PLAIN = {
    "PATH": "/usr/bin:/bin:/usr/local/bin",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "LC_ALL": "C.UTF-8",
}


@dataclass(frozen=True)
class Repository:
    path: Path

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, input=stdin, capture_output=True, check=True, env=_PLAIN, timeout=60
        )
        return done.stdout.decode()

    def commits(self) -> list[Told]:
        """Return every commit reachable from main, the newest first."""
        text = self.git("log", "--topo-order", "-z", "--format=%H%x01%P%x01%an%x01%B", "main")
        rows = [row.split("\x01", 3) for row in text.split("\0") if row]
        return [Told(sha, message, tuple(parents.split()), author) for sha, parents, author, message in rows]


def make_repository(path: Path, messages: Sequence[str], *, merged: int = 0) -> Repository:
    """Return a repository whose main has a commit for each message, the first one first.

    With `merged` every so many commits a side branch of one more commit is merged.
    """
    path.mkdir(parents=True, exist_ok=True)
    repository = Repository(path)
    repository.git("init", "-q", "-b", "main", ".")
    lines: list[bytes] = []
    number = 0
    for place, message in enumerate(messages):
        number += 1
        lines.append(_commit("refs/heads/main", number, message, number - 1 and f":{number - 1}"))
        if merged and place % merged == merged - 1:
            number += 1
            lines.append(_commit("refs/heads/side", number, f"feat(side): number {number}", f":{number - 1}"))
            number += 1
            lines.append(
                _commit(
                    "refs/heads/main", number, f"Merge branch 'side' of {number}", f":{number - 2}", f":{number - 1}"
                )
            )
    repository.git("fast-import", "--quiet", stdin=b"".join(lines))
    return repository


def _commit(ref: str, number: int, message: str, first: str | int = "", second: str = "") -> bytes:
    said = message.encode()
    head = f"commit {ref}\nmark :{number}\ncommitter Mara <mara@desk.example> {1_700_000_000 + number} +0000\n"
    parents = (f"from {first}\n" if first else "") + (f"merge {second}\n" if second else "")
    file = f"M 100644 inline file-{number}\ndata 0\n\n"
    return head.encode() + b"data %d\n%s\n" % (len(said), said) + (parents + file).encode()
