"""Reads: deployments, and what is deployed where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from releases.choices import DeploymentState
from releases.models import Deployment
from tradewatch.projects.models import Environment, Release

# Those who went out all the way: what an environment runs is one of them.
_WENT_OUT = (DeploymentState.SUCCEEDED, DeploymentState.ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class Standing:
    """What an environment runs, what it ran before, and what is on its way; None where nothing is known."""

    environment: str
    current: Deployment | None
    previous: Deployment | None
    in_progress: Deployment | None


def deployments_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Deployment]:
    rows = Deployment.objects.filter(project_id__in=project_ids).select_related("project", "previous")
    return rows.filter(environment=environment) if environment else rows


def current_deployment(project_id: int, environment: str, *, until: datetime | None = None) -> Deployment | None:
    """Return the last that succeeded and was not rolled back; of those alone that had ended `until` then."""
    rows = _succeeded(project_id, environment)
    return (rows.filter(finished_at__lte=until) if until else rows).first()


def standing_of(project_id: int, environment: str) -> Standing:
    current, before = [*_succeeded(project_id, environment)[:2], None, None][:2]
    previous = (current and current.previous) or before
    running = deployments_of([project_id], environment).filter(state=DeploymentState.IN_PROGRESS)
    return Standing(environment, current, previous, running.order_by("-started_at", "-id").first())


def standings_of(project_id: int, environment: str | None = None) -> list[Standing]:
    """Return how each environment stands that had an event or a deployment, by name."""
    names = [environment] if environment else environments_of([project_id])
    return [standing_of(project_id, name) for name in names]


def environments_of(project_ids: Sequence[int]) -> list[str]:
    """Return the names of environments that had an event or a deployment."""
    seen = Environment.objects.filter(project__in=project_ids).values_list("name", flat=True)
    deployed = Deployment.objects.filter(project__in=project_ids).order_by().values_list("environment", flat=True)
    return sorted({*seen, *deployed.distinct()})


def deployed_environments(project_id: int) -> list[str]:
    """Return the names of environments that had a deployment."""
    rows = Deployment.objects.filter(project=project_id).order_by()
    return sorted(rows.values_list("environment", flat=True).distinct())


def went_out(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Deployment]:
    return deployments_of(project_ids, environment).filter(state__in=_WENT_OUT)


def deployments_named(release: Release, environment: str | None = None) -> QuerySet[Deployment]:
    """Return the deployments of a release, the newest first, also those that leave its package out."""
    rows = deployments_of([release.project_id], environment).filter(version__in=names_of(release))
    return rows.order_by("-started_at", "-id")


def followed_by(row: Deployment) -> Deployment | None:
    """Return the next that went out to the same environment; None where it still runs, or never went out."""
    if row.finished_at is None:
        return None
    later = Q(finished_at__gt=row.finished_at) | Q(finished_at=row.finished_at, pk__gt=row.pk)
    return went_out([row.project_id], row.environment).filter(later).order_by("finished_at", "id").first()


def names_of(release: Release) -> set[str]:
    """Return what a deployment of the release may be called: with its package, and without."""
    return {release.version, release.version.rpartition("@")[2]} - {""}


def _succeeded(project_id: int, environment: str) -> QuerySet[Deployment]:
    rows = deployments_of([project_id], environment).filter(state=DeploymentState.SUCCEEDED)
    return rows.order_by("-finished_at", "-id")
