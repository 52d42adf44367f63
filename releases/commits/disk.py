"""Reads what deployments brought from the repositories on disk. Called by a tick: a repository may take its time."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from releases.choices import DeploymentState
from releases.commits.queries import listed_releases
from releases.commits.storing import release_named, set_release_commits, store_commits
from releases.deployments.queries import deployments_of
from releases.git.reading import GitRepository, open_repository
from releases.git.running import GitError
from releases.models import Deployment, Repository
from releases.queries import releases_named
from tradewatch.core.live import push

logger = logging.getLogger(__name__)

# A repository on disk may get its commits after CI has said that it deploys them.
LOOKED_FOR, AGAIN_AFTER = timedelta(hours=2), timedelta(minutes=1)
MOST_DEPLOYMENTS, EARLIER_TRIED = 50, 20


def read_due_repositories(now: datetime) -> int:
    """Read the repositories that somebody asked for, and those whose deployments lack their commits."""
    on_disk = Repository.objects.exclude(path="").select_related("project").order_by("id")
    return sum(_read_if_due(repository, now=now) for repository in on_disk)


def read_repository(repository: Repository, deployments: Iterable[Deployment], *, now: datetime) -> int:
    """Store what these deployments brought, as far as the repository knows it; return of how many it did.

    What is wrong with the repository stands in its `read_fault`.
    """
    found, fault = 0, ""
    try:
        git = open_repository(repository.path)
        found = sum(_read_deployment(repository, git, row, now=now) for row in deployments)
    except GitError as error:
        fault = str(error)[:300]
        logger.warning("repository not read repository=%s fault=%s", repository.pk, fault)
    Repository.objects.filter(pk=repository.pk).update(read_fault=fault)
    return found


def lacking_commits(project_id: int, *, now: datetime | None = None) -> list[Deployment]:
    """Return the deployments whose release has no list, the oldest first; with `now` those that may yet get one."""
    rows = _readable(project_id)
    if now is not None:
        rows = rows.filter(Q(started_at__gt=now - LOOKED_FOR) | Q(finished_at__gt=now - LOOKED_FOR))
    newest = rows.order_by("-started_at", "-id")[:MOST_DEPLOYMENTS]
    return [row for row in reversed(newest) if not listed_releases(project_id, row.version)]


def _read_if_due(repository: Repository, *, now: datetime) -> int:
    is_asked = repository.read_asked_at is not None
    deployments = lacking_commits(repository.project_id, now=None if is_asked else now)
    if not is_asked and not _is_news(repository, deployments, now=now):
        return 0
    if not _claim(repository, now=now):
        return 0
    return read_repository(repository, deployments, now=now)


def _is_news(repository: Repository, deployments: Sequence[Deployment], *, now: datetime) -> bool:
    """Return whether one has begun or ended since the last reading; else they are looked for again after a minute."""
    if not deployments or repository.read_at is None or repository.read_at <= now - AGAIN_AFTER:
        return bool(deployments)
    return any(max(row.started_at, row.finished_at or row.started_at) > repository.read_at for row in deployments)


def _claim(repository: Repository, *, now: datetime) -> bool:
    """Return whether it is this tick's to read: another one may have been quicker."""
    same = Repository.objects.filter(pk=repository.pk, read_at=repository.read_at)
    return bool(same.update(read_at=now, read_asked_at=None))


def _read_deployment(repository: Repository, git: GitRepository, row: Deployment, *, now: datetime) -> bool:
    newer = _commit_of(git, row)
    if newer is None:
        return False
    drafts = git.log(_base_of(git, row), newer)
    if not drafts:
        return False  # an older version was deployed again: nothing came that was not there
    commits = store_commits(repository, drafts)
    with transaction.atomic():
        known = releases_named(row.project_id, row.version).first()
        set_release_commits(known or release_named(row.project, row.version, now=now), commits)
        transaction.on_commit(lambda: push("releases", row.project_id))
    return True


def _base_of(git: GitRepository, row: Deployment) -> str | None:
    """Return the commit that ran there before; None: nothing did that the repository knows."""
    before = deployments_of([row.project_id], row.environment).exclude(pk=row.pk)
    before = before.filter(state=DeploymentState.SUCCEEDED, finished_at__lte=row.finished_at or row.started_at)
    earlier = before.order_by("-finished_at", "-id")[:EARLIER_TRIED]
    return next((sha for each in earlier if (sha := _commit_of(git, each))), None)


def _commit_of(git: GitRepository, row: Deployment) -> str | None:
    names = [name for name in (row.commit, row.version, row.ref) if name]
    return next((sha for name in names if (sha := git.resolve(name))), None)


def _readable(project_id: int) -> QuerySet[Deployment]:
    """Leave out what has no version yet."""
    return Deployment.objects.filter(project=project_id).exclude(version="").select_related("project")
