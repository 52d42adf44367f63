"""What is deployed where, and which releases there are: the answer of `GET /release/status`, of the facade too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from releases.deployments.queries import standings_of
from releases.deployments.serializers import ReleaseStatusAnswer
from releases.details.queries import shown
from releases.health.queries import ADOPTION_OVER, health_of
from releases.queries import places_of, releases_of
from releases.verdicts.queries import verdict_of
from tradewatch.core.windows import Window
from tradewatch.projects.models import Project
from tradewatch.projects.sightings import newest_release_in

SHOWN = 20


def release_status(project: Project, environment: str | None = None, *, now: datetime) -> Mapping[str, Any]:
    """Return what `ReleaseStatusAnswer` describes, as plain values."""
    standings = standings_of(project.pk, environment)
    status: Any = {
        "project": project.slug,
        "environments": {
            each.environment: {
                "current": each.current,
                "previous": each.previous,
                "in_progress": each.in_progress,
                "verdict": verdict_of(each.current) if each.current else None,
                "seen": newest_release_in(project.pk, each.environment) or None,
            }
            for each in standings
        },
        "releases": _releases(project.pk, environment, now=now),
    }
    return ReleaseStatusAnswer(status).data


def _releases(project_id: int, environment: str | None, *, now: datetime) -> list[Mapping[str, Any]]:
    rows = shown(releases_of([project_id], environment))
    newest = list(rows.order_by("-last_seen_at", "-id")[:SHOWN])
    places = places_of(newest)
    health = health_of(project_id, list(places), Window(now - ADOPTION_OVER, now), environment)
    return [
        {
            "version": release.version,
            "first_seen_at": release.first_seen_at,
            "last_seen_at": release.last_seen_at,
            "environments": places[release.pk],
            "health": health[release.pk],
        }
        for release in newest
    ]
