"""Commits as they come: told by CI or sentry-cli, or read by git. Values in, values out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from releases.choices import FileChange

MOST_FILES = 500  # of a commit: one that touches more says nothing about a stack trace
LONGEST_MESSAGE, LONGEST_NAME, LONGEST_EMAIL, LONGEST_PATH = 64_000, 200, 254, 1000
SHA = re.compile(r"[0-9a-f]{7,64}")
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
# What text may hold, apart from line ends and tabs, and what would turn the text around it.
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class FileDraft:
    """`path` is relative to the repository, with slashes; `change` is a `FileChange`."""

    path: str
    change: str = FileChange.MODIFIED


@dataclass(frozen=True, slots=True)
class CommitDraft:
    """`sha`: 7 to 64 hexadecimal digits. Whatever nobody told is empty, `committed_at` None."""

    sha: str
    message: str = ""
    author_name: str = ""
    author_email: str = ""
    committed_at: datetime | None = None
    parents: tuple[str, ...] = ()
    files: tuple[FileDraft, ...] = ()


def storable(drafts: Iterable[CommitDraft]) -> list[CommitDraft]:
    """Return them as a database takes them, each once: bounded, whole lines, no byte that text cannot hold."""
    by_sha: dict[str, CommitDraft] = {}
    for each in drafts:
        by_sha.setdefault(each.sha.lower(), each)
    return [_storable(sha, each) for sha, each in by_sha.items()]


def plain_line(text: str, longest: int) -> str:
    """Return one line without control characters or lone surrogates."""
    return _encodable(_NOT_IN_A_LINE.sub(" ", text)).strip()[:longest]


def plain_text(text: str, longest: int) -> str:
    return _encodable(_NOT_IN_TEXT.sub("", text.replace("\r\n", "\n")))[:longest]


def _storable(sha: str, draft: CommitDraft) -> CommitDraft:
    return replace(
        draft,
        sha=sha,
        message=plain_text(draft.message, LONGEST_MESSAGE),
        author_name=plain_line(draft.author_name, LONGEST_NAME),
        author_email=plain_line(draft.author_email, LONGEST_EMAIL),
        parents=tuple(parent.lower() for parent in draft.parents),
        files=_files(draft.files),
    )


def _files(files: Sequence[FileDraft]) -> tuple[FileDraft, ...]:
    """A path that is too long is left out: cut it would name another file."""
    by_path: dict[str, FileDraft] = {}
    for each in files:
        path = _encodable(each.path.replace("\x00", ""))
        if path and len(path) <= LONGEST_PATH:
            by_path.setdefault(path, FileDraft(path, each.change))
        if len(by_path) == MOST_FILES:
            break
    return tuple(by_path.values())


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
