"""What CI does with commits: tells what a release is made of. Rights are asked here, the audit is written here."""

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
from releases.models import ReleaseCommit, Repository
from tradewatch.core import audit
from tradewatch.core.actors import Actor
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


@transaction.atomic
def tell_commits(actor: Actor, project: Project, told: Told, *, now: datetime) -> Kept:
    """Store commits, and that a release is made of them. Told again it changes nothing. Raises `NotAllowed`."""
    access.require(actor, project.pk, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    repository = repository_named(project, told.repository, url=told.url, now=now)
    release = release_named(project, told.version, now=now)
    before = _count(release)
    commits = store_commits(repository, told.commits)
    if told.replaces:
        set_release_commits(release, commits)
        added = max(_count(release) - before, 0)
    else:
        added = add_release_commits(release, commits)
    total = _count(release)
    if added or total != before:
        audit.record(actor, "release.commits", release, project_id=project.pk, changes={"commits": [before, total]})
        transaction.on_commit(lambda: push("releases", project.pk))
    return Kept(release, repository, added, total)


def _count(release: Release) -> int:
    return ReleaseCommit.objects.filter(release=release).count()
