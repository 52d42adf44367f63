"""Commits for tests. A letter stands for a commit: its hash is the letter's code, over and over."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from releases.commits.drafts import CommitDraft, FileDraft
from releases.commits.storing import release_named, repository_named, set_release_commits, store_commits
from releases.models import Commit, Repository
from tests.projects.builders import make_project
from tests.releases.builders import NOW
from tradewatch.projects.models import Project, Release


def sha_of(name: str) -> str:
    return (name.encode().hex() * 40)[:40]


def draft(name: str, *parents: str, minute: int = 0, files: Sequence[str] = (), **fields: Any) -> CommitDraft:
    values: dict[str, Any] = {
        "message": f"feat: {name}",
        "author_name": "Mara Lindqvist",
        "author_email": "mara@example.com",
        "committed_at": NOW + timedelta(minutes=minute),
    }
    return CommitDraft(
        sha_of(name),
        parents=tuple(map(sha_of, parents)),
        files=tuple(FileDraft(path) for path in files),
        **{**values, **fields},
    )


def make_repository(
    name: str = "acme/trading-api", *, url: str = "https://github.com/acme/trading-api", project: Project | None = None
) -> Repository:
    return repository_named(project or make_project(), name, url=url, now=NOW)


def make_release(version: str, *drafts: CommitDraft, minute: int = 0, project: Project | None = None) -> Release:
    """Return a release of these commits, the newest first, that was first heard of in that minute."""
    owner = project or make_project()
    release = release_named(owner, version, now=NOW + timedelta(minutes=minute))
    set_release_commits(release, store_commits(make_repository(project=owner), drafts))
    return release


def names(commits: Sequence[Commit]) -> str:
    return "".join(bytes.fromhex(commit.sha[:2]).decode() for commit in commits)
