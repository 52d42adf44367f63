"""What CI tells of a release's commits, and what is wrong with that. Values in, values out.

Ten thousand at once are read in a tenth of the time that a serializer of REST framework takes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from releases.choices import FileChange
from releases.commits.drafts import SHA, CommitDraft, FileDraft
from releases.commits.links import page_of
from tradewatch.projects.versions import fault_in_text, fault_in_version

MOST_COMMITS, MOST_PARENTS, MOST_FAULTS, MOST_FILES_TOLD = 10_000, 100, 20, 5_000
LONGEST_REPOSITORY, LONGEST_URL = 200, 500
_TYPES = {
    "A": FileChange.ADDED,
    "ADDED": FileChange.ADDED,
    "M": FileChange.MODIFIED,
    "MODIFIED": FileChange.MODIFIED,
    "D": FileChange.DELETED,
    "DELETED": FileChange.DELETED,
    "REMOVED": FileChange.DELETED,
    "R": FileChange.RENAMED,
    "RENAMED": FileChange.RENAMED,
}


@dataclass(frozen=True, slots=True)
class Told:
    """`url` is the https address of the repository's page, or empty; `replaces`: the release has no others."""

    version: str
    repository: str
    url: str
    commits: tuple[CommitDraft, ...]
    replaces: bool


class Faults(dict[str, list[str]]):
    """What is wrong, by field, as for every endpoint: `commits.3.id`. Holds the first twenty: the rest is alike."""

    def add(self, field: str, text: str) -> None:
        if len(self) < MOST_FAULTS:
            self.setdefault(field, []).append(text)


def read_told(body: Any) -> tuple[Told | None, Mapping[str, Sequence[str]]]:
    """Return what a body says, or None and what is wrong with it, by field."""
    faults = Faults()
    if not isinstance(body, Mapping):
        return None, {"body": ["expected an object"]}
    told = Told(
        version=_checked(body.get("version"), "version", fault_in_version, faults),
        repository=_checked(body.get("repository"), "repository", fault_in_repository, faults),
        url=_url(body.get("url"), faults),
        commits=_commits(body.get("commits"), faults),
        replaces=_flag(body.get("replace"), faults),
    )
    return (None, faults) if faults else (told, {})


def _commits(value: Any, faults: Faults) -> tuple[CommitDraft, ...]:
    if not isinstance(value, list) or not value:
        faults.add("commits", "expected a list of at least one commit")
        return ()
    if len(value) > MOST_COMMITS:
        faults.add("commits", f"has {len(value)} commits: tell up to {MOST_COMMITS} at once, and the rest after them")
        return ()
    return tuple(_commit(each, f"commits.{at}", faults) for at, each in enumerate(value))


def _commit(value: Any, at: str, faults: Faults) -> CommitDraft:
    if not isinstance(value, Mapping):
        faults.add(at, "expected an object")
        return CommitDraft("")
    return CommitDraft(
        sha=_sha(value.get("id"), f"{at}.id", faults),
        message=_text(value.get("message"), f"{at}.message", faults),
        author_name=_text(value.get("author_name"), f"{at}.author_name", faults),
        author_email=_text(value.get("author_email"), f"{at}.author_email", faults),
        committed_at=_moment(value.get("timestamp"), f"{at}.timestamp", faults),
        parents=_parents(value.get("parents"), f"{at}.parents", faults),
        files=_files(value, at, faults),
    )


def _files(commit: Mapping[str, Any], at: str, faults: Faults) -> tuple[FileDraft, ...]:
    """`files`, or `patch_set` as sentry-cli calls it."""
    name = "files" if "files" in commit else "patch_set"
    value = commit.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST_FILES_TOLD:
        faults.add(f"{at}.{name}", f"expected a list of at most {MOST_FILES_TOLD} files")
        return ()
    return tuple(_file(each, f"{at}.{name}.{number}", faults) for number, each in enumerate(value))


def _file(value: Any, at: str, faults: Faults) -> FileDraft:
    if not isinstance(value, Mapping):
        faults.add(at, 'expected {"path", "type"}')
        return FileDraft("")
    path, kind = value.get("path"), value.get("type", "M")
    if not isinstance(path, str) or not path:
        faults.add(f"{at}.path", "is empty" if path in (None, "") else "expected a text")
        path = ""
    change = _TYPES.get(kind.upper()) if isinstance(kind, str) else None
    if change is None:
        faults.add(f"{at}.type", "expected A, M, D or R")
    return FileDraft(path, change or FileChange.MODIFIED)


def _sha(value: Any, at: str, faults: Faults) -> str:
    if not isinstance(value, str) or not SHA.fullmatch(value.lower()):
        faults.add(at, "expected 7 to 64 hexadecimal digits")
        return ""
    return value.lower()


def _parents(value: Any, at: str, faults: Faults) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST_PARENTS:
        faults.add(at, f"expected a list of at most {MOST_PARENTS} hashes")
        return ()
    return tuple(_sha(each, f"{at}.{number}", faults) for number, each in enumerate(value))


def _moment(value: Any, at: str, faults: Faults) -> datetime | None:
    """ISO 8601, in UTC where it names no zone; None: nobody told it."""
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        faults.add(at, "expected a time such as 2026-11-23T14:52:10Z")
        return None


def _text(value: Any, at: str, faults: Faults) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    faults.add(at, "expected a text")
    return ""


def _flag(value: Any, faults: Faults) -> bool:
    if value is not None and not isinstance(value, bool):
        faults.add("replace", "expected true or false")
    return value is True


def _url(value: Any, faults: Faults) -> str:
    text = _text(value, "url", faults).strip()
    page = page_of(text)
    if text and (not page or len(page) > LONGEST_URL):
        faults.add("url", "expected an address such as https://github.com/owner/name")
    return page


def _checked(value: Any, at: str, fault_in: Callable[[str], str], faults: Faults) -> str:
    if not isinstance(value, str):
        faults.add(at, "is required" if value is None else "expected a text")
        return ""
    if fault := fault_in(value):
        faults.add(at, fault)
    return value


def fault_in_repository(name: str) -> str:
    if not name.strip() or name != name.strip():
        return "is empty, or begins or ends with a space"
    return f"is longer than {LONGEST_REPOSITORY} characters" if len(name) > LONGEST_REPOSITORY else fault_in_text(name)
