"""Deployments and sightings for tests, with loud defaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

from releases.choices import DeploymentState, VersionSource
from releases.models import Deployment
from tests.projects.builders import make_project
from tradewatch.projects.models import Project
from tradewatch.projects.sightings import see_environments, see_releases, see_sightings

NOW = datetime(2026, 11, 23, 14, 52, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def make_deployment(
    version: str = "2.0.1",
    *,
    state: DeploymentState = DeploymentState.SUCCEEDED,
    project: Project | None = None,
    started_at: datetime = NOW,
    **fields: Any,
) -> Deployment:
    """Return a deployment that took two minutes."""
    is_open = state == DeploymentState.IN_PROGRESS
    values: dict[str, Any] = {
        "environment": "production",
        "version_source": VersionSource.GIVEN if version else VersionSource.UNKNOWN,
        "deployed_by": "Mara Lindqvist",
        "finished_at": None if is_open else started_at + 2 * MINUTE,
    }
    return Deployment.objects.create(
        project=project or make_project(), version=version, state=state, started_at=started_at, **{**values, **fields}
    )


def see(version: str, *, at: datetime, environment: str = "production", project: Project | None = None) -> None:
    """Let an event of the release arrive."""
    key = ((project or make_project()).pk, version)
    see_sightings([(see_releases([key], now=at)[key].id, environment)], now=at)
    see_environments([(key[0], environment)], now=at)
