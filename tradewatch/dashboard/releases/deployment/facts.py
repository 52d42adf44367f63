"""What went out, when and by whom, and what went out before it."""

from collections.abc import Mapping
from typing import Any

from releases.deployments.queries import deployments_of
from releases.models import Deployment
from releases.queries import releases_named
from tradewatch.dashboard.releases.deployment.asked import Asked
from tradewatch.dashboard.releases.words import how_named, took

EARLIER_SHOWN = 8


def facts(asked: Asked) -> Mapping[str, Any]:
    row = asked.row
    return {
        "deployment": row,
        "took": took(row, asked.now),
        "how_named": how_named(row),
        "releases": releases_named(row.project_id, row.version),
        "earlier": _earlier(row),
    }


def _earlier(row: Deployment) -> list[Deployment]:
    rows = deployments_of([row.project_id], row.environment).exclude(pk=row.pk)
    return list(rows.filter(started_at__lte=row.started_at).order_by("-started_at", "-id")[:EARLIER_SHOWN])
