"""Reads: rollbacks, where a deployment would go back to, and whether that is offered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from releases.choices import DeploymentState, RollbackState, Verdict
from releases.deployments.queries import current_deployment
from releases.models import Deployment, ReleaseCommit, ReleaseSettings, Rollback
from releases.models.rollbacks import OPEN_STATES
from releases.queries import releases_named
from releases.rollbacks.decisions import is_same_version

_LOOKED_BACK = 20  # deployments: further back nothing is known to still be deployable


@dataclass(frozen=True, slots=True)
class Offer:
    """A way back from `deployment`. `commits`: how many it undoes; None: nobody told commits of these versions.

    `undone`: the versions that it leaves, the running one first. `is_told`: a webhook will ask CI to do it.
    """

    deployment: Deployment
    to: Deployment
    commits: int | None
    is_told: bool
    undone: tuple[str, ...] = field(default=())

    @property
    def to_version(self) -> str:
        return self.to.version


def rollbacks_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Rollback]:
    rows = Rollback.objects.filter(deployment__project__in=project_ids)
    rows = rows.select_related("deployment", "deployment__project", "restoring")
    return rows.filter(deployment__environment=environment) if environment else rows


def open_rollbacks(project_id: int, environment: str) -> QuerySet[Rollback]:
    """Return those that are requested, or deployed and not verified yet; of a deployment there is one at most."""
    return rollbacks_of([project_id], environment).filter(state__in=OPEN_STATES)


def offer_of(deployment: Deployment) -> Offer | None:
    """Return the way back where one is offered.

    It is while the environment runs the deployment, its last verdict is unhealthy, nobody said that it stays, and no
    rollback of it is open. One that restores is not offered another step back: what went wrong was not its version.
    """
    if deployment.state != DeploymentState.SUCCEEDED or deployment.verdict != Verdict.UNHEALTHY or deployment.kept_at:
        return None
    current = current_deployment(deployment.project_id, deployment.environment)
    if current is None or current.pk != deployment.pk or is_restoring(deployment):
        return None
    if deployment.rollbacks.filter(state__in=OPEN_STATES).exists():
        return None
    return way_back_from(deployment)


def way_back_from(deployment: Deployment) -> Offer | None:
    """Return where the deployment would go back to; None: nothing is known that ran there before it.

    That is the last before it that succeeded, has a name, is of another version, and was not taken back itself.
    """
    undone, step = [deployment.version], deployment.previous
    for _ in range(_LOOKED_BACK):
        if step is None:
            return None
        if _may_be_gone_back_to(step, deployment):
            commits = _commits_of(deployment.project_id, undone)
            return Offer(deployment, step, commits, is_told=bool(webhook_of(deployment.project_id)), undone=(*undone,))
        undone += [step.version] if step.version not in undone else []
        step = step.previous
    return None


def webhook_of(project_id: int) -> str:
    """Return the address of CI that is told of requests; empty: none is."""
    urls = ReleaseSettings.objects.filter(project=project_id).values_list("rollback_url", flat=True)
    return urls.first() or ""


def is_restoring(deployment: Deployment) -> bool:
    return deployment.restores.exclude(state__in=(RollbackState.REQUESTED, RollbackState.WITHDRAWN)).exists()


def _may_be_gone_back_to(step: Deployment, deployment: Deployment) -> bool:
    is_other = bool(step.version) and not is_same_version(step.version, deployment.version)
    return is_other and step.state == DeploymentState.SUCCEEDED


def _commits_of(project_id: int, versions: Sequence[str]) -> int | None:
    releases = [release.pk for version in versions for release in releases_named(project_id, version)]
    return ReleaseCommit.objects.filter(release__in=releases).values("commit").distinct().count() or None
