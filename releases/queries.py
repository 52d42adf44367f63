"""Reads: releases and where clients of them were met."""

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from tradewatch.projects.models import Release, ReleaseSighting


def releases_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Release]:
    rows = Release.objects.filter(project_id__in=project_ids).select_related("project")
    return rows.filter(sightings__environment=environment) if environment else rows


def places_of(releases: Sequence[Release]) -> Mapping[int, Sequence[str]]:
    """Return {release id: environments, by name}."""
    places: dict[int, list[str]] = {each.pk: [] for each in releases}
    rows = ReleaseSighting.objects.filter(release__in=places).order_by("environment")
    for release_id, name in rows.values_list("release_id", "environment"):
        places[release_id].append(name)
    return places
