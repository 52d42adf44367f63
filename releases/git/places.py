"""Where repositories may lie: within the configured roots, symbolic links followed."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from releases.git.running import GitError, run_git
from tradewatch.projects.versions import fault_in_text

_LOOK_SECONDS = 5  # somebody waits for the page


def fault_in_path(text: str) -> str:
    """Return why the path names no repository that may be read, in words; empty when it does.

    It says the same of what lies outside the roots and of what is not there: nobody finds files by asking here.
    """
    try:
        place(text, seconds=min(settings.GIT_TIMEOUT_SECONDS, _LOOK_SECONDS))
    except GitError as fault:
        return str(fault)
    return ""


def place(text: str, *, seconds: float) -> Path:
    """Return the real path of a repository. Raises `GitError` with what is wrong."""
    path = _within(text, roots())
    said = run_git(path, "rev-parse", "--absolute-git-dir", "--git-common-dir", seconds=seconds)
    for line in said.decode("utf-8", "surrogateescape").splitlines():
        # A `.git` that is a file says where the repository is, and may say anything.
        if not _is_within((path / line).resolve(), roots()):
            raise GitError("the repository's files lie outside TRADEWATCH_GIT_ROOTS")
    return path


def roots() -> list[Path]:
    return [Path(each).resolve() for each in settings.GIT_ROOTS]


def _within(text: str, allowed: Sequence[Path]) -> Path:
    if not allowed:
        raise GitError("TRADEWATCH_GIT_ROOTS is empty: no repository on disk is read")
    if not text.startswith("/") or len(text) > 500 or fault_in_text(text):
        raise GitError("expected the whole path of a folder, from / on")
    try:
        path = Path(text).resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: symbolic links that go round in a circle
        path = None
    if path is None or not path.is_dir() or not _is_within(path, allowed):
        raise GitError("is no folder within TRADEWATCH_GIT_ROOTS")
    return path


def _is_within(path: Path, allowed: Sequence[Path]) -> bool:
    return any(path.is_relative_to(root) for root in allowed)
