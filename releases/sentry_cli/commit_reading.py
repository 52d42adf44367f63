"""What `set-commits` says: commits with their files, or the newest commit of each repository. Values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from releases.commits.asked import MOST_COMMITS, Told, read_told
from releases.commits.drafts import SHA
from releases.sentry_cli.reading import read_objects, read_text
from tradewatch.core.faults import Invalid

MOST_REFS = 50
_CHANGES = frozenset("AMD")
Commits = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Ref:
    """The newest commit of a release in a repository; `older`: the newest of the release before, empty where unsaid."""

    repository: str
    commit: str
    older: str = ""


def read_refs(said: Mapping[str, Any]) -> list[Ref] | None:
    """Return the refs; empty: the release is to have no commits; None: nothing is said. Raises `Invalid`."""
    found = read_objects(said, "refs", most=MOST_REFS)
    return None if found is None else [_ref(each) for each in found]


def read_commits(said: Mapping[str, Any]) -> Commits | None:
    """Return {repository: its commits as told, the newest first}; None where nothing is said. Raises `Invalid`."""
    found = read_objects(said, "commits", most=MOST_COMMITS)
    if found is None:
        return None
    by_repository: dict[str, list[Mapping[str, Any]]] = {}
    for each in found:
        by_repository.setdefault(read_text(each, "repository") or "origin", []).append(_commit(each))
    return by_repository


def told_of(version: str, repository: str, commits: Sequence[Mapping[str, Any]], *, replaces: bool) -> Told:
    """Return what our own endpoint would be told. Raises `Invalid`, with the first thing that is wrong."""
    body = {"version": version, "repository": repository, "commits": commits, "replace": replaces}
    told, faults = read_told(body)
    if told is None:
        name, texts = next(iter(faults.items()))
        raise Invalid(f"bad commits: {name} {texts[0]}")
    return told


def repository_for(name: str, known: Sequence[str]) -> str:
    """Return which repository is meant. sentry-cli 3 writes the remote's name, `origin`, where an owner/name belongs:
    that is the project's only repository where it has one alone."""
    return known[0] if len(known) == 1 and "/" not in name else name


def _ref(said: Mapping[str, Any]) -> Ref:
    repository, commit, older = (read_text(said, name) for name in ("repository", "commit", "previousCommit"))
    if not repository.strip():
        raise Invalid("a ref names no repository")
    for text in (commit, older):
        if text and not SHA.fullmatch(text.lower()):
            raise Invalid(f"{text[:40]!r} is no commit: give 7 to 64 digits of its hash")
    if not commit:
        raise Invalid("a ref names no commit")
    return Ref(repository, commit.lower(), older.lower())


def _commit(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """libgit2 knows more kinds of change than are kept: a changed type is a change, a copy is new."""
    files = read_objects(said, "patch_set", most=100_000) or ()
    kinds = [(read_text(file, "path"), read_text(file, "type")[:1].upper()) for file in files[:5_000]]
    patch_set = [{"path": path, "type": _kind(kind)} for path, kind in kinds if path]
    return {**said, "patch_set": patch_set}


def _kind(letter: str) -> str:
    return letter if letter in _CHANGES else {"C": "A", "R": "R"}.get(letter, "M")
