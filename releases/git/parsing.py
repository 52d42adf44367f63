"""What `git log -z --name-status` says, as commits. Values in, values out.

A commit is its fields, each ended by NUL, then its files: a status, a path, and of a rename the path before it. NUL is
in no field, no message and no path, so that nothing a commit holds can be taken for another's.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from releases.choices import FileChange
from releases.commits.drafts import CommitDraft, FileDraft

FORMAT = "tformat:%H%x00%P%x00%an%x00%ae%x00%ct%x00%B%x00"
_FIELDS = 6
_HASH = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_STATUS = re.compile(rb"([ACDMRTUX]+)(\d{0,3})")  # of a merge: a letter for each parent
_CHANGES = {"A": FileChange.ADDED, "C": FileChange.ADDED, "D": FileChange.DELETED, "R": FileChange.RENAMED}


def parse_log(output: bytes) -> list[CommitDraft]:
    """Return the commits in git's order. Raises `ValueError` for what git does not write."""
    tokens = iter(output.split(b"\x00"))
    found: list[CommitDraft] = []
    fields = _next_commit(tokens)
    while fields is not None:
        files, fields_after = _files(tokens)
        found.append(_draft(fields, files))
        fields = fields_after
    return found


def _next_commit(tokens: Iterator[bytes]) -> list[bytes] | None:
    first = next((token for token in tokens if token.strip(b"\n")), None)
    return None if first is None else _fields(first, tokens)


def _fields(first: bytes, tokens: Iterator[bytes]) -> list[bytes]:
    if not _HASH.fullmatch(first):
        raise ValueError(f"expected a commit's hash, got {first[:60]!r}")
    rest = [token for _, token in zip(range(_FIELDS - 1), tokens, strict=False)]
    if len(rest) != _FIELDS - 1:
        raise ValueError("the last commit is cut off")
    return [first, *rest]


def _files(tokens: Iterator[bytes]) -> tuple[list[FileDraft], list[bytes] | None]:
    """Return a commit's files and the fields of the next one; None: it is the last."""
    files: list[FileDraft] = []
    for token in tokens:
        word = token.strip(b"\n")
        if not word:
            continue
        status = _STATUS.fullmatch(word)
        if status is None:
            return files, _fields(word, tokens)
        letters, score = status[1].decode(), status[2]
        path = next(tokens, b"")
        if score and len(letters) == 1:  # from, to
            path = next(tokens, b"")
        files.append(FileDraft(path.decode("utf-8", "replace"), _CHANGES.get(letters[-1], FileChange.MODIFIED)))
    return files, None


def _draft(fields: list[bytes], files: list[FileDraft]) -> CommitDraft:
    sha, parents, name, email, seconds, message = (field.decode("utf-8", "replace") for field in fields)
    return CommitDraft(
        sha,
        message=message.strip("\n"),
        author_name=name,
        author_email=email,
        committed_at=_moment(seconds),
        parents=tuple(parents.split()),
        files=tuple(files),
    )


def _moment(seconds: str) -> datetime | None:
    """None for a date that no calendar has: commits can be made with any."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
