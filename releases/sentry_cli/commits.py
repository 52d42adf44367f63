"""What a release is made of, as `set-commits` tells it: sent commit by commit, or read from a repository on disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from releases.commits.asked import Told
from releases.commits.drafts import CommitDraft
from releases.commits.queries import commits_listed
from releases.commits.services import tell_commits
from releases.commits.storing import set_release_commits
from releases.details.services import change_release
from releases.git.reading import open_repository
from releases.git.running import GitError
from releases.models import Commit, ReleaseCommit, Repository
from releases.sentry_cli.commit_reading import Commits, Ref, repository_for, told_of
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.core.live import push
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Release
from tradewatch.projects.releases import ReleaseOrder, is_after, package_of

FIRST_COMMITS = 20  # of a release before which none is known: as many as sentry-cli takes itself


@dataclass(frozen=True, slots=True)
class Previous:
    """The release before another, and its newest commit."""

    release: Release
    head: Commit


def set_commits(actor: Actor, release: Release, commits: Commits, *, now: datetime) -> None:
    """Let a release be made of these commits and no others. Raises `NotAllowed`, `Invalid`."""
    known = list(Repository.objects.filter(project=release.project_id).values_list("name", flat=True)[:2])
    told = [
        told_of(release.version, repository_for(name, known), each, replaces=at == 0)
        for at, (name, each) in enumerate(commits.items())
    ]
    if not told:
        clear_commits(actor, release)
    for each in told:
        tell_commits(actor, release.project, each, now=now)


def set_refs(actor: Actor, release: Release, refs: Sequence[Ref], *, now: datetime) -> None:
    """Let a release be made of what lies between refs; without any, of nothing.

    A repository on disk is read; of any other the newest commit alone is known. One that the disk has not got yet is
    the release's ref from then on, by which a deployment of it is read later. Raises `NotAllowed`, `Invalid`.
    """
    access.require(actor, release.project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    if not refs:
        clear_commits(actor, release)
    read = [(ref, *_read(release, ref)) for ref in refs]
    told = [(repository, drafts) for _, repository, drafts in read if drafts]
    for at, (repository, drafts) in enumerate(told):
        each = Told(release.version, repository.name, repository.url, tuple(drafts), replaces=at == 0)
        tell_commits(actor, release.project, each, now=now)
    if late := next((ref for ref, _, drafts in read if not drafts), None):
        change_release(actor, release, ref=late.commit, now=now)


@transaction.atomic
def clear_commits(actor: Actor, release: Release) -> None:
    access.require(actor, release.project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    count = ReleaseCommit.objects.filter(release=release).count()
    if count:
        set_release_commits(release, [])
        audit.record(actor, "release.commits", release, project_id=release.project_id, changes={"commits": [count, 0]})
        transaction.on_commit(lambda: push("releases", release.project_id))


def previous_with_commits(release: Release) -> Previous | None:
    """Return the nearest release of the package before this one whose commits are known."""
    heads = ReleaseCommit.objects.filter(release__project=release.project_id, position=0).exclude(release=release)
    here, package = _order(release), package_of(release.version)
    before: Previous | None = None
    for row in heads.select_related("release__project", "commit__repository").order_by("-release__first_seen_at")[:500]:
        is_before = package_of(row.release.version) == package and is_after(here, _order(row.release))
        if is_before and (before is None or is_after(_order(row.release), _order(before.release))):
            before = Previous(row.release, row.commit)
    return before


def commits_of(releases: Sequence[Release], *, most: int) -> list[Commit]:
    """Return the commits of the releases of a version, each once: several projects may be of one repository."""
    return list({commit.sha: commit for commit in commits_listed(releases)}.values())[:most]


def with_repositories(releases: Sequence[Release], refs: Sequence[Ref]) -> list[Release]:
    """Return the releases whose projects have the repositories that the refs name. Raises `Invalid` where none has."""
    names = {ref.repository for ref in refs}
    known = {each.pk: Repository.objects.filter(project=each.project_id, name__in=names).count() for each in releases}
    if found := [each for each in releases if known[each.pk] == len(names)]:
        return found
    raise Invalid(f"no project of the release has the repository {', '.join(sorted(names))[:300]}")


def _read(release: Release, ref: Ref) -> tuple[Repository, list[CommitDraft]]:
    """Return what a ref brings, the newest first; nothing where the disk has not got the commit."""
    repository = Repository.objects.get(project=release.project_id, name=ref.repository)
    if not repository.path:
        return repository, [CommitDraft(ref.commit)]
    try:
        return repository, _read_disk(release, repository, ref)
    except GitError as error:
        raise Invalid(f"repository {repository.name} was not read: {error}") from error


def _read_disk(release: Release, repository: Repository, ref: Ref) -> list[CommitDraft]:
    git = open_repository(repository.path)
    newer = git.resolve(ref.commit)
    if newer is None:
        return []
    older = next((sha for each in _older(release, repository, ref) if (sha := git.resolve(each))), None)
    return git.log(older, newer) if older else git.log(None, newer, most=FIRST_COMMITS)


def _older(release: Release, repository: Repository, ref: Ref) -> list[str]:
    """Return the commit before a ref: as it is said, else the newest of the release before."""
    if ref.older:
        return [ref.older]
    previous = previous_with_commits(release)
    return [previous.head.sha] if previous and previous.head.repository_id == repository.pk else []


def _order(release: Release) -> ReleaseOrder:
    return ReleaseOrder(release.version, release.order_key, release.first_seen_at)
