"""What CI does with commits: tells what a release is made of. Rights are asked here, the audit is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from releases.commits.asked import Told
from releases.commits.storing import (
    add_release_commits,
    release_named,
    repository_named,
    set_release_commits,
    store_commits,
)
from releases.models import Commit, ReleaseCommit, Repository
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict
from tradewatch.core.live import push
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project, Release


@dataclass(frozen=True, slots=True)
class Kept:
    """`added`: how many of the told commits the release had not; `total`: how many it has now."""

    release: Release
    repository: Repository
    added: int
    total: int


def tell_commits(actor: Actor, project: Project, told: Told, *, now: datetime) -> Kept:
    """Store commits, and that a release is made of them. Told again it changes nothing. Raises `NotAllowed`."""
    access.require(actor, project.pk, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    repository = repository_named(project, told.repository, url=told.url, now=now)
    return _list(actor, project, repository, store_commits(repository, told.commits), told, now=now)


@transaction.atomic
def ask_to_read(actor: Actor, repository: Repository, *, now: datetime) -> None:
    """Let the next tick read a repository on disk, for deployments of long ago too.

    Raises `NotAllowed`, and `Conflict` for one that is not on disk.
    """
    access.require(actor, repository.project_id, Role.MANAGER, scope=Scope.RELEASES_WRITE)
    if not repository.path:
        raise Conflict(f"{repository.name} is not on this machine's disk: it has no path")
    Repository.objects.filter(pk=repository.pk).update(read_asked_at=now)
    audit.record(actor, "repository.read", repository, project_id=repository.project_id)


@transaction.atomic
def _list(
    actor: Actor, project: Project, repository: Repository, commits: Sequence[Commit], told: Told, *, now: datetime
) -> Kept:
    release = release_named(project, told.version, now=now)
    Release.objects.select_for_update().get(pk=release.pk)
    before = _listed(release)
    if told.replaces:
        set_release_commits(release, commits)
    else:
        add_release_commits(release, commits)
    after = _listed(release)
    if after != before:
        counts = [len(before), len(after)]
        audit.record(actor, "release.commits", release, project_id=project.pk, changes={"commits": counts})
        transaction.on_commit(lambda: push("releases", project.pk))
    return Kept(release, repository, len(after - before), len(after))


def _listed(release: Release) -> set[int]:
    return set(ReleaseCommit.objects.filter(release=release).values_list("commit_id", flat=True))
