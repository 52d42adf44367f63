"""/release/releases and /release/health: which releases there are, and how they do."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from releases.details.queries import archived, shown
from releases.health.queries import health_of, health_points
from releases.health.serializers import HealthQuery, ReleaseHealthAnswer, ReleasePage, ReleaseQuery, ReleaseRow
from releases.queries import places_of, releases_of
from tradewatch.core.api import read_as
from tradewatch.core.faults import Unknown
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT, WINDOW
from tradewatch.core.paging import read_page
from tradewatch.core.windows import Window
from tradewatch.projects.api import ApiView, page_size
from tradewatch.projects.choices import Scope
from tradewatch.projects.models import Release
from tradewatch.projects.versions import parse_version

_STEPS = ((timedelta(hours=6), 60), (timedelta(days=10), 3600))


class Releases(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(
        operation_id="release_releases_list",
        summary="Releases, the one first seen last first, with their health",
        description="Without archived ones, unless `archived` or `version` asks for them.",
        parameters=[PROJECT, ENVIRONMENT, ReleaseQuery, *WINDOW, *PAGE],
        responses=ReleasePage,
    )
    def get(self, request: Request) -> Response:
        asked = read_as(ReleaseQuery, request.query_params)
        environment, window = self.environment_of(request), self.window_of(request)
        rows = _asked_for(releases_of(self.visible_project_ids(request), environment), asked)
        order = ("-first_seen_at", "-id")
        page = read_page(rows, order=order, cursor=request.query_params.get("cursor"), size=page_size(request))
        return Response({"results": presented(page.rows, window, environment), "next": page.next})


class ReleaseHealth(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(
        operation_id="release_health",
        summary="How one release does over a window, with its sessions step by step",
        description="Of one project: the named one, else the token's only one, else `default`.",
        parameters=[PROJECT, ENVIRONMENT, HealthQuery, *WINDOW],
        responses=ReleaseHealthAnswer,
    )
    def get(self, request: Request) -> Response:
        asked = read_as(HealthQuery, request.query_params)
        project, environment = self.project_of(request, write=False), self.environment_of(request)
        release = releases_of([project.pk]).filter(version=asked["version"]).first()
        if release is None:
            raise Unknown("no client sent anything of such a release")
        window = self.window_of(request)
        step = step_of(window)
        points = health_points(project.pk, release.pk, window, step, environment)
        answer = {
            **presented([release], window, environment)[0],
            "start": window.start,
            "end": window.end,
            "step_seconds": step,
            "series": [_point(*point) for point in points],
        }
        return Response(ReleaseHealthAnswer(answer).data)


def presented(releases: Sequence[Release], window: Window, environment: str | None) -> list[Mapping[str, Any]]:
    """Return the rows as the API shows them; health is read once a project."""
    places = places_of(releases)
    health: dict[int, Any] = {}
    for project_id in {each.project_id for each in releases}:
        own = [each.pk for each in releases if each.project_id == project_id]
        health |= health_of(project_id, own, window, environment)
    return [ReleaseRow(_row(each, places[each.pk], health[each.pk])).data for each in releases]


def _asked_for(rows: QuerySet[Release], asked: Mapping[str, str]) -> QuerySet[Release]:
    version, which = asked.get("version"), asked.get("archived")
    if version:
        rows = rows.filter(version=version)
    if which == "true":
        return archived(rows)
    return rows if which == "all" or (version and not which) else shown(rows)


def step_of(window: Window) -> int:
    return next((step for longest, step in _STEPS if window.end - window.start <= longest), 86_400)


def _row(release: Release, places: Sequence[str], health: object) -> dict[str, Any]:
    parts = parse_version(release.version)
    return {
        "id": release.pk,
        "project": release.project.slug,
        "version": release.version,
        "package": parts.package,
        "version_kind": parts.kind,
        "first_seen_at": release.first_seen_at,
        "last_seen_at": release.last_seen_at,
        "environments": places,
        "health": health,
    }


def _point(start: int, sessions: int, errored: int, crashed: int) -> dict[str, Any]:
    return {"start": datetime.fromtimestamp(start, UTC), "sessions": sessions, "errored": errored, "crashed": crashed}
