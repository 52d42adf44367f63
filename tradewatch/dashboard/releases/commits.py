"""Commits as a section of a page: suspects first, then the newest, whoever wrote them, and the way to the host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from releases.commits.links import commit_url, compare_url
from releases.commits.suspects import Suspect
from releases.models import Commit
from tradewatch.core.people import initials_of
from tradewatch.dashboard.words import plural

SHOWN, SHOWN_AT_MOST, AUTHORS_SHOWN = 10, 500, 8
KEPT_SECONDS = 15  # a long range takes half a second to put together, and pages follow what happens


@dataclass(frozen=True, slots=True)
class Line:
    """`url` empty: the host is not known. `of_issue` is the title, without what the error said."""

    sha: str
    url: str
    subject: str
    author: str
    initials: str
    repository: str
    path: str = ""
    place: str = ""
    issue_id: int = 0
    of_issue: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """`words`: how many since what. `compare`: the comparison at the host; empty where there is none."""

    lines: Sequence[Line]
    total: int
    words: str
    authors: str
    compare: str
    has_suspects: bool
    left_out: int


def section_of(
    commits: Sequence[Commit], suspects: Sequence[Suspect], *, since: str, base: Commit | None, shows_all: bool
) -> Section:
    """Return what the template shows. `since`: the version before, or empty; `base`: its newest commit."""
    by_commit = {suspect.commit.pk: suspect for suspect in suspects}
    several = len({commit.repository_id for commit in commits}) > 1
    first = [suspect.commit for suspect in suspects]
    rest = [commit for commit in commits if commit.pk not in by_commit]
    shown = [*first, *rest][: SHOWN_AT_MOST if shows_all else SHOWN]
    return Section(
        lines=[line_of(commit, by_commit.get(commit.pk), names_repository=several) for commit in shown],
        total=len(commits),
        words=f"{len(commits):,} since {since}" if since else f"{plural(len(commits), 'commit')} in all",
        authors=authors_words(commits),
        compare=_compare(commits, base) if not several else "",
        has_suspects=bool(suspects),
        left_out=len(commits) - len(shown),
    )


def line_of(commit: Commit, suspect: Suspect | None, *, names_repository: bool = False) -> Line:
    line = Line(
        sha=commit.sha[:7],
        url=commit_url(commit.repository, commit.sha),
        subject=commit.subject or "without a message",
        author=commit.author_name or commit.author_email or "nobody named",
        initials=initials_of(commit.author_name or commit.author_email),
        repository=commit.repository.name if names_repository else "",
    )
    if suspect is None:
        return line
    issue = suspect.issue
    title = issue.exception_type or issue.title
    return replace(line, path=suspect.path, place=suspect.place, issue_id=issue.pk, of_issue=title)


def authors_words(commits: Sequence[Commit]) -> str:
    """Return `Mara Lindqvist 5, Dan 2`, whoever wrote most first, and how many more there are."""
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for commit in commits:
        key = commit.author_email.lower() or commit.author_name
        counts[key] = counts.get(key, 0) + 1
        names.setdefault(key, commit.author_name or commit.author_email or "nobody named")
    order = sorted(counts, key=lambda key: (-counts[key], names[key]))
    said = ", ".join(f"{names[key]} {counts[key]:,}" for key in order[:AUTHORS_SHOWN])
    more = len(order) - AUTHORS_SHOWN
    return f"{said}, and {plural(more, 'other')}" if more > 0 else said


def _compare(commits: Sequence[Commit], base: Commit | None) -> str:
    newest = commits[0] if commits else None
    if newest is None or base is None or base.repository_id != newest.repository_id:
        return ""
    return compare_url(newest.repository, base.sha, newest.sha)


def shows_all(parameters: Mapping[str, str]) -> bool:
    """Return whether the address asks for all commits."""
    return parameters.get("commits") == "all"
