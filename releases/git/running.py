"""Runs git so that it only reads: no question, no network, no hook, no program that a configuration names, no waiting.

https://git-scm.com/docs/git#_environment_variables and https://git-scm.com/docs/git-config name what is set here.
"""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

MIB = 1024 * 1024
MOST_BYTES = 64 * MIB
_ERROR_BYTES = 2000
_CHUNK = 65_536
_CONFIG = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.attributesFile", "/dev/null"),
    ("core.pager", "cat"),
    ("protocol.allow", "never"),  # also what a partial clone would fetch by itself
    ("diff.relative", "false"),
    ("diff.renameLimit", "1000"),
    ("log.showRoot", "true"),
    ("log.showSignature", "false"),
    ("log.mailmap", "false"),
    ("i18n.logOutputEncoding", "UTF-8"),
)
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_SSH_COMMAND": "false",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_FLUSH": "0",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
}


class GitError(Exception):
    """git could not answer: it is missing, took too long, said too much, or the repository is broken."""


def run_git(directory: Path, *arguments: str, seconds: float, most_bytes: int = MOST_BYTES, wrong: int = 0) -> bytes:
    """Return what git says in the repository at `directory`, which `places` has let through.

    `wrong`: the status that means "no" and not a failure; then nothing comes back. Raises `GitError`.
    """
    process = _start(directory, arguments)
    with _ended(process):
        output, error = _read(process, time.monotonic() + seconds, most_bytes)
    if process.returncode == 0:
        return output
    if wrong and process.returncode == wrong:
        return b""
    said = error.decode("utf-8", "replace").strip().split("\n")[-1]
    raise GitError(f"git says: {said[:300]}" if said else f"git ended with {process.returncode}")


def _start(directory: Path, arguments: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    program = shutil.which("git")
    if program is None:
        raise GitError("git is not installed here")
    config = [part for name, value in _CONFIG for part in ("-c", f"{name}={value}")]
    command = [program, "--no-pager", "--literal-pathspecs", *config, "-c", f"safe.directory={directory}"]
    environment = {
        **_ENVIRONMENT,
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CEILING_DIRECTORIES": str(directory.parent),  # a folder of a repository is not the repository
    }
    return subprocess.Popen(  # noqa: S603  # a list, no shell; names and paths were let through before
        [*command, *arguments],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a group of its own: what git starts is ended with it
    )


@contextlib.contextmanager
def _ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Leave nothing behind, however this ends."""
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def _read(process: "subprocess.Popen[bytes]", deadline: float, most_bytes: int) -> tuple[bytes, bytes]:
    """Return what it wrote to both of its outputs, once it has ended."""
    out, err = cast("IO[bytes]", process.stdout), cast("IO[bytes]", process.stderr)
    parts: list[bytes] = []
    size, error = 0, b""
    with selectors.DefaultSelector() as selector:
        selector.register(out, selectors.EVENT_READ)
        selector.register(err, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(_left(deadline)):
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fileobj is err:
                    error = (error + chunk)[-_ERROR_BYTES:]
                else:
                    parts.append(chunk)
                    size += len(chunk)
            if size > most_bytes:
                raise GitError(f"git said more than {most_bytes // MIB} MiB")
    try:
        process.wait(_left(deadline))
    except subprocess.TimeoutExpired:
        raise GitError("git took too long") from None
    return b"".join(parts), error


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise GitError("git took too long")
    return left
