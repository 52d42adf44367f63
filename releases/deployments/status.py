"""What is deployed where, and which releases there are: the answer of `GET /release/status`, of the facade too."""

from collections.abc import Mapping
from typing import Any

from releases.deployments.queries import standings_of
from releases.deployments.serializers import ReleaseStatusAnswer
from tradewatch.projects.models import Project, Release, ReleaseSighting
from tradewatch.projects.sightings import newest_release_in

SHOWN = 20


def release_status(project: Project, environment: str | None = None) -> Mapping[str, Any]:
    """Return what `ReleaseStatusAnswer` describes, as plain values."""
    standings = standings_of(project.pk, environment)
    status: Any = {
        "project": project.slug,
        "environments": {
            each.environment: {
                "current": each.current,
                "previous": each.previous,
                "in_progress": each.in_progress,
                "verdict": None,
                "seen": newest_release_in(project.pk, each.environment) or None,
            }
            for each in standings
        },
        "releases": _releases(project.pk, environment),
    }
    return ReleaseStatusAnswer(status).data


def _releases(project_id: int, environment: str | None) -> list[Mapping[str, Any]]:
    releases = Release.objects.filter(project=project_id)
    if environment:
        releases = releases.filter(sightings__environment=environment)
    newest = list(releases.order_by("-last_seen_at", "-id")[:SHOWN])
    places: dict[int, list[str]] = {release.pk: [] for release in newest}
    sightings = ReleaseSighting.objects.filter(release__in=places).order_by("environment")
    for release_id, name in sightings.values_list("release_id", "environment"):
        places[release_id].append(name)
    return [
        {
            "version": release.version,
            "first_seen_at": release.first_seen_at,
            "last_seen_at": release.last_seen_at,
            "environments": places[release.pk],
        }
        for release in newest
    ]
