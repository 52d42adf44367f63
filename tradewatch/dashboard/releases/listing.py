"""The list: what each environment runs, what ran where over 30 days, and the releases with their health and issues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from releases.deployments.queries import Standing, deployments_of, standings_of
from releases.models import Deployment, Rollback
from releases.queries import releases_of
from releases.rollbacks.queries import offer_of
from tradewatch.core.paging import read_page
from tradewatch.dashboard.releases.archive import archive_choice, chosen
from tradewatch.dashboard.releases.budgets import spent_by_release
from tradewatch.dashboard.releases.delivery import delivery_shown
from tradewatch.dashboard.releases.gate.cards import freezes_open, gates_now
from tradewatch.dashboard.releases.gate.words import Now
from tradewatch.dashboard.releases.release_lines import release_lines
from tradewatch.dashboard.releases.timeline import Lane, lane_of, weeks_of
from tradewatch.dashboard.releases.unhealthy import is_unhealthy, unhealthy_of
from tradewatch.dashboard.scope import Scope
from tradewatch.projects.models import Project

RELEASES_A_PAGE, PROJECTS_SHOWN, LANES_SHOWN, DRAWN_AT_MOST = 30, 10, 12, 1000
DRAWN_OVER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Card:
    """An environment. `project` empty where the page is about one alone; `row`: what its mark and badge are about."""

    standing: Standing
    project: str
    row: Deployment
    is_unhealthy: bool
    has_offer: bool = False
    gate: Now | None = None


def listing_of(scope: Scope, asked: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return what the template shows. Raises `Invalid` for a cursor that is none."""
    rows = chosen(releases_of(scope.project_ids, scope.environment or None), asked)
    order = ("-first_seen_at", "-id")
    page = read_page(rows, order=order, cursor=asked.get("cursor"), size=RELEASES_A_PAGE)
    start = now - DRAWN_OVER
    cards = with_gates(cards_of(projects_of(scope), scope.environment), now=now)
    spent = spent_by_release(scope.project.pk, scope.environment, now=now) if scope.project and page.rows else {}
    environment, figures = delivery_shown(scope, now=now)
    return {
        "cards": cards,
        "delivery": figures,
        "delivery_environment": environment,
        "freezes_open": freezes_open(scope, now=now),
        "unhealthy": unhealthy_of([card.row for card in cards]),
        "lanes": lanes_of(scope, start, now),
        "weeks": weeks_of(start, now),
        "lines": release_lines(page.rows, scope.environment or None, now=now, spent=spent),
        "spent": spent,
        "next": page.next,
        "is_first": not asked.get("cursor"),
        **archive_choice(scope, asked, page.next),
    }


def with_gates(cards: Sequence[Card], *, now: datetime) -> list[Card]:
    """Return the cards with what the gate says there now."""
    said = gates_now([(card.row.project, card.standing.environment) for card in cards], now=now)
    return [replace(card, gate=said.get((card.row.project_id, card.standing.environment))) for card in cards]


def way_back_of(deployment_ids: Sequence[int]) -> frozenset[int]:
    """Return those of the deployments that brought an older version back."""
    rows = Rollback.objects.filter(restoring__in=deployment_ids)
    return frozenset(rows.values_list("restoring", flat=True))


def projects_of(scope: Scope) -> Sequence[Project]:
    return (scope.project,) if scope.project else scope.projects[:PROJECTS_SHOWN]


def cards_of(projects: Sequence[Project], environment: str) -> list[Card]:
    """Return the environments to which something was deployed, what is unhealthy first, then those in progress."""
    cards = [
        Card(standing, project.name if len(projects) > 1 else "", row, is_unhealthy(row), offer_of(row) is not None)
        for project in projects
        for standing in standings_of(project.pk, environment or None)
        if (row := standing.current or standing.in_progress)
    ]
    return sorted(cards, key=lambda card: (not card.is_unhealthy, card.standing.in_progress is None))


def lanes_of(scope: Scope, start: datetime, end: datetime) -> list[Lane]:
    """Return a lane for each environment that had a deployment, the busiest first; a project's name where many are."""
    rows = deployments_of(scope.project_ids, scope.environment or None)
    by_place: dict[tuple[int, str], list[Any]] = {}
    for row in rows.order_by("-started_at", "-id")[:DRAWN_AT_MOST]:
        by_place.setdefault((row.project_id, row.environment), []).append(row)
    is_plain = len({project_id for project_id, _ in by_place}) < 2
    back = way_back_of([row.pk for rows in by_place.values() for row in rows])
    lanes = [
        lane_of(name if is_plain else f"{each[0].project.name} {name}", each, start, end, back=back)
        for (_, name), each in by_place.items()
    ]
    drawn = sorted(lanes, key=lambda lane: (-lane.count, lane.name))[:LANES_SHOWN]
    return [
        replace(lane, y=f"{2.25 + 3 * number:g}", point_y=f"{4.25 + 3 * number:g}") for number, lane in enumerate(drawn)
    ]
