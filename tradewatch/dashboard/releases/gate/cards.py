"""What the gate says now, for the cards of the list."""

from collections.abc import Sequence
from datetime import datetime

from releases.gate.asking import ask
from releases.gate.queries import freezes_of
from tradewatch.dashboard.releases.gate.words import Now, now_of
from tradewatch.dashboard.scope import Scope
from tradewatch.projects.models import Project

ASKED_AT_MOST = 12  # each costs some ten queries


def gates_now(places: Sequence[tuple[Project, str]], *, now: datetime) -> dict[tuple[int, str], Now]:
    """Return {(project id, environment): what the gate says to any version}."""
    return {
        (project.pk, environment): now_of(ask(project, environment, now=now))
        for project, environment in places[:ASKED_AT_MOST]
    }


def freezes_open(scope: Scope, *, now: datetime) -> int:
    """Return how many freezes are in force or to come."""
    rows = freezes_of(scope.project_ids, scope.environment or None)
    return rows.filter(cancelled_at=None, ends_at__gt=now).count()
