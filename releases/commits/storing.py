"""Writes commits, and which of them a release is made of. Whoever calls has asked the rights and writes the audit."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from releases.commits.drafts import CommitDraft, storable
from releases.commits.links import host_of, page_of
from releases.commits.ordering import newest_first
from releases.commits.queries import commits_listed
from releases.models import Commit, CommitFile, ReleaseCommit, Repository
from tradewatch.core import bulk
from tradewatch.projects.models import Project, Release
from tradewatch.projects.sightings import see_releases

_COLUMNS = (
    "repository_id",
    "sha",
    "parents",
    "author_name",
    "author_email",
    "committed_at",
    "message",
)
_FILLED = ("parents", "author_name", "author_email", "committed_at", "message")
_AT_ONCE = 500


def repository_named(project: Project, name: str, *, url: str = "", now: datetime) -> Repository:
    """Return the project's repository of that name (`owner/name`), made where it is new.

    A url (of its page, or to clone it) fills the repository's own where that is empty.
    """
    page = page_of(url or name)
    row, _ = Repository.objects.get_or_create(
        project=project, name=name, defaults={"url": page, "host": host_of(page), "created_at": now}
    )
    if page and not row.url:
        row.url, row.host = page, row.host or host_of(page)
        row.save(update_fields=["url", "host"])
    return row


def store_commits(repository: Repository, commits: Sequence[CommitDraft]) -> list[Commit]:
    """Store commits with their files and return the rows, each once, in the given order.

    What is known stays: a commit told again fills only what was empty, and gets its files if it had none. Many are
    stored in several transactions, so that nobody waits long to write: a part of them is as true as all.
    """
    drafts = storable(commits)
    rows: list[Commit] = []
    for start in range(0, len(drafts), _AT_ONCE):
        rows += _store(repository, drafts[start : start + _AT_ONCE])
    return rows


def release_named(project: Project, version: str, *, now: datetime) -> Release:
    """Return the release of exactly that version. One known only by what is told of it is in no environment."""
    seen = see_releases([(project.pk, version)], now=now)[project.pk, version]
    return Release.objects.get(pk=seen.id)


@transaction.atomic
def set_release_commits(release: Release, commits: Sequence[Commit]) -> None:
    """Let a release be made of these commits, the newest first, and of no others."""
    Release.objects.select_for_update().get(pk=release.pk)
    ReleaseCommit.objects.filter(release=release).delete()
    once = dict.fromkeys(commit.pk for commit in commits)
    bulk.insert_many(
        ReleaseCommit._meta.db_table,
        ("release_id", "commit_id", "position"),
        [(release.pk, commit_id, position) for position, commit_id in enumerate(once)],
    )


@transaction.atomic
def add_release_commits(release: Release, commits: Sequence[Commit]) -> int:
    """Add commits to a release's own, put all in order, and return how many were new to it."""
    Release.objects.select_for_update().get(pk=release.pk)
    own = commits_of(release)
    known = {commit.pk for commit in own}
    added = list({commit.pk: commit for commit in commits if commit.pk not in known}.values())
    if added:
        set_release_commits(release, newest_first([*own, *added]))
    return len(added)


def commits_of(release: Release) -> list[Commit]:
    """Return what the release is made of, the newest first."""
    return commits_listed([release])


@transaction.atomic
def _store(repository: Repository, drafts: Sequence[CommitDraft]) -> list[Commit]:
    new = bulk.insert_new_ids(
        Commit._meta.db_table, _COLUMNS, ("repository_id", "sha"), [_row(repository, each) for each in drafts]
    )
    rows = _stored(repository, [each.sha for each in drafts])
    known = [each for each in drafts if (repository.pk, each.sha) not in new]
    _fill([(rows[each.sha], each) for each in known])
    fileless = {rows[each.sha].pk for each in known} - _with_files(rows[each.sha].pk for each in known)
    fileless |= set(new.values())
    files = [
        (rows[each.sha].pk, file.path, file.change)
        for each in drafts
        if rows[each.sha].pk in fileless
        for file in each.files
    ]
    bulk.insert_new(CommitFile._meta.db_table, ("commit_id", "path", "change"), ("commit_id", "path"), files)
    return [rows[each.sha] for each in drafts]


def _row(repository: Repository, draft: CommitDraft) -> tuple[object, ...]:
    return (
        repository.pk,
        draft.sha,
        list(draft.parents),
        draft.author_name,
        draft.author_email,
        draft.committed_at,
        draft.message,
    )


def _stored(repository: Repository, shas: Sequence[str]) -> dict[str, Commit]:
    rows = {row.sha: row for row in Commit.objects.filter(repository=repository, sha__in=shas)}
    for row in rows.values():
        row.repository = repository
    return rows


def _fill(told: Iterable[tuple[Commit, CommitDraft]]) -> None:
    changed = [row for row, draft in told if _filled(row, draft)]
    bulk.update_objects(changed, _FILLED)


def _filled(row: Commit, draft: CommitDraft) -> bool:
    """Take over what the row lacks; False: it lacks nothing that is told."""
    lacks = [name for name in _FILLED if getattr(draft, name) and not getattr(row, name)]
    for name in lacks:
        value = getattr(draft, name)
        setattr(row, name, list(value) if name == "parents" else value)
    return bool(lacks)


def _with_files(commit_ids: Iterable[int]) -> set[int]:
    rows = CommitFile.objects.filter(commit__in=list(commit_ids))
    return set(rows.values_list("commit_id", flat=True).distinct())
