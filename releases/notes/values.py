"""What notes are made of, and what they are. Plain values: nothing here knows a database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Told:
    """A commit. `parents` empty: it has none, or nobody told them. `url`: of its page at the host, empty where none."""

    sha: str
    message: str
    parents: tuple[str, ...] = ()
    author: str = ""
    url: str = ""
    issue_url: str = ""  # of an issue at the host, `{}` in place of its number; empty where the host is not known


class Section(StrEnum):
    """In the order in which notes show them. What fits none is in the last."""

    BREAKING = "Breaking changes"
    FEATURES = "Features"
    FIXES = "Fixes"
    PERFORMANCE = "Performance"
    REVERTS = "Reverts"
    DOCUMENTATION = "Documentation"
    REFACTORING = "Refactoring"
    BUILD = "Build and CI"
    TESTS = "Tests"
    CHORES = "Chores"
    OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Reference:
    """An issue that a commit names: `#12`, `RISK-7`. `url` empty where nobody knows where it is."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A commit as notes show it. `subject`: its description, without type and scope; all of its texts are one line."""

    sha: str
    subject: str
    type: str
    scope: str
    author: str
    url: str
    is_breaking: bool
    breaking_changes: tuple[str, ...]
    issues: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Group:
    section: Section
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """Every commit is in one entry, one of a cancelled pair (revert, what it took back), or a merge."""

    groups: Sequence[Group]
    cancelled: Sequence[tuple[str, str]]
    merges: Sequence[str]

    @property
    def entry_count(self) -> int:
        return sum(len(each.entries) for each in self.groups)

    @property
    def commit_count(self) -> int:
        return self.entry_count + 2 * len(self.cancelled) + len(self.merges)


@dataclass(frozen=True, slots=True)
class IssueLine:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class DeployedLine:
    environment: str
    state: str
    at: datetime
    by: str
    url: str


@dataclass(frozen=True, slots=True)
class Contributor:
    name: str
    commits: int


@dataclass(frozen=True, slots=True)
class Notes:
    """`previous` None: nothing went out there before, or its commits alone were asked. `compare_url` empty: no host."""

    version: str
    previous: str | None
    environment: str
    sorted: Sorted
    contributors: Sequence[Contributor] = ()
    resolved: Sequence[IssueLine] = ()
    new: Sequence[IssueLine] = ()
    deployments: Sequence[DeployedLine] = ()
    compare_url: str = ""
