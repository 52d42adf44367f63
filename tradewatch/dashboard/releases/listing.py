"""The list: what each environment runs, what ran where over 30 days, and the releases with their health and issues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from releases.deployments.queries import Standing, deployments_of, standings_of
from releases.health.figures import Health
from releases.health.queries import ADOPTION_OVER, health_of
from releases.queries import IssueCounts, issue_counts, places_of, releases_of
from tradewatch.core.paging import read_page
from tradewatch.core.windows import Window
from tradewatch.dashboard.releases.timeline import Lane, lane_of, weeks_of
from tradewatch.dashboard.releases.words import badge_of, mark_of
from tradewatch.dashboard.scope import Scope
from tradewatch.projects.models import Project, Release

RELEASES_A_PAGE, PROJECTS_SHOWN, LANES_SHOWN, DRAWN_AT_MOST = 30, 10, 12, 1000
DRAWN_OVER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Card:
    """An environment. `project` empty where the page is about one alone."""

    standing: Standing
    project: str
    mark: str
    badge: str


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    row: Release
    places: Sequence[str]
    health: Health
    issues: IssueCounts


def listing_of(scope: Scope, asked: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return what the template shows. Raises `Invalid` for a cursor that is none."""
    rows = releases_of(scope.project_ids, scope.environment or None)
    order = ("-first_seen_at", "-id")
    page = read_page(rows, order=order, cursor=asked.get("cursor"), size=RELEASES_A_PAGE)
    start = now - DRAWN_OVER
    return {
        "cards": cards_of(projects_of(scope), scope.environment),
        "lanes": lanes_of(scope, start, now),
        "weeks": weeks_of(start, now),
        "lines": release_lines(page.rows, scope.environment or None, now=now),
        "next": page.next,
        "is_first": not asked.get("cursor"),
    }


def projects_of(scope: Scope) -> Sequence[Project]:
    return (scope.project,) if scope.project else scope.projects[:PROJECTS_SHOWN]


def cards_of(projects: Sequence[Project], environment: str) -> list[Card]:
    """Return the environments to which something was deployed, those in progress first."""
    cards = [
        Card(standing, project.name if len(projects) > 1 else "", mark_of(shown), badge_of(shown))
        for project in projects
        for standing in standings_of(project.pk, environment or None)
        if (shown := standing.in_progress or standing.current)
    ]
    return sorted(cards, key=lambda card: card.standing.in_progress is None)


def lanes_of(scope: Scope, start: datetime, end: datetime) -> list[Lane]:
    """Return a lane for each environment that had a deployment, the busiest first; a project's name where many are."""
    rows = deployments_of(scope.project_ids, scope.environment or None)
    by_place: dict[tuple[int, str], list[Any]] = {}
    for row in rows.order_by("-started_at", "-id")[:DRAWN_AT_MOST]:
        by_place.setdefault((row.project_id, row.environment), []).append(row)
    is_plain = len({project_id for project_id, _ in by_place}) < 2
    lanes = [
        lane_of(name if is_plain else f"{each[0].project.name} {name}", each, start, end)
        for (_, name), each in by_place.items()
    ]
    drawn = sorted(lanes, key=lambda lane: (-lane.count, lane.name))[:LANES_SHOWN]
    return [
        replace(lane, y=f"{2.25 + 3 * number:g}", point_y=f"{4.25 + 3 * number:g}") for number, lane in enumerate(drawn)
    ]


def release_lines(rows: Sequence[Release], environment: str | None, *, now: datetime) -> list[ReleaseLine]:
    places, counts = places_of(rows), issue_counts([row.pk for row in rows])
    health: dict[int, Health] = {}
    for project_id in {row.project_id for row in rows}:
        own = [row.pk for row in rows if row.project_id == project_id]
        health |= health_of(project_id, own, Window(now - ADOPTION_OVER, now), environment)
    return [ReleaseLine(row, places[row.pk], health[row.pk], counts[row.pk]) for row in rows]
