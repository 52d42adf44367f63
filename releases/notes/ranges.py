"""Which version notes begin at: what the environment ran before."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from releases.choices import DeploymentState
from releases.commits.queries import newest_known_of
from releases.deployments.queries import deployments_of, went_out
from releases.models import Deployment
from tradewatch.projects.models import Release
from tradewatch.projects.releases import package_of

LOOKED_THROUGH = 200  # deployments back: further, no version of the same package is looked for


def is_known(project_id: int, version: str) -> bool:
    """Return whether a release, a deployment or a commit has that name."""
    return (
        releases_called(project_id, version).exists()
        or deployments_of([project_id]).filter(version=version).exists()
        or newest_known_of(project_id, version) is not None
    )


def names_of(project_id: int, version: str) -> set[str]:
    """Return what the version is called: as it is, without its package, and whole where a release has one."""
    whole = releases_called(project_id, version).values_list("version", flat=True)
    return {version, version.rpartition("@")[2], *whole} - {""}


def releases_called(project_id: int, version: str) -> QuerySet[Release]:
    """Return the releases that are it: CI tells commits of `2.0.1`, while clients send `api@2.0.1`."""
    same = Q(version__in={version, version.rpartition("@")[2]})
    if "@" not in version:
        same |= Q(version__endswith=f"@{version}")
    return Release.objects.filter(same, project=project_id).exclude(version="")


def previous_version(project_id: int, version: str, environment: str) -> str | None:
    """Return the version of the last deployment that succeeded in the environment before this one did; None: none did.

    Of another package's none is. What was rolled back does not count: it is not what people had.
    """
    names = names_of(project_id, version)
    packages = {package_of(name) for name in names}
    rows = deployments_of([project_id], environment).filter(state=DeploymentState.SUCCEEDED).exclude(version__in=names)
    if ended_at := _went_out_at(project_id, names, environment):
        rows = rows.filter(finished_at__lt=ended_at)
    earlier = rows.exclude(version="").order_by("-finished_at", "-id").values_list("version", flat=True)
    return next((each for each in earlier[:LOOKED_THROUGH] if package_of(each) in packages), None)


def deployments_called(project_id: int, names: Collection[str]) -> list[Deployment]:
    """Return the deployments of a version, the newest first."""
    return list(deployments_of([project_id]).filter(version__in=names).order_by("-started_at", "-id")[:20])


def _went_out_at(project_id: int, names: Collection[str], environment: str) -> datetime | None:
    """Return when the version first went out there, else when that was last tried; None: it is still to come."""
    first = went_out([project_id], environment).filter(version__in=names).order_by("finished_at", "id").first()
    tried = deployments_of([project_id], environment).filter(version__in=names).order_by("-started_at", "-id")
    row = first or tried.first()
    return (row.finished_at or row.started_at) if row else None
