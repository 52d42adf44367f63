"""A comparison as the API answers it: plain JSON values. `releases.comparing.serializers` describes the same."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from releases.comparing.values import Comparison, IssueGroup, Side
from releases.deployments.serializers import DeploymentAnswer
from releases.health.serializers import HealthAnswer
from releases.notes.presenting import presented as presented_notes
from tradewatch.performance.traces.comparing import QUANTILE, Change
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.queries import TransactionKey


def presented(found: Comparison) -> dict[str, Any]:
    notes = presented_notes(found.notes)
    return {
        "environment": found.environment,
        "from": _side(found.older),
        "to": _side(found.newer),
        "commits": {
            "count": notes["counts"]["commits"],
            "behind": found.behind,
            "sections": notes["sections"],
            "authors": notes["contributors"],
            "compare_url": notes["compare_url"],
        },
        "releases": list(found.steps),
        "issues": {group.title.lower(): _issues(group) for group in found.issues},
        "endpoints": [_endpoint(change) for change in found.changes],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "version": side.version,
        "release_id": side.release and side.release.pk,
        "start": side.time and side.time.start,
        "end": side.time and side.time.end,
        "health": HealthAnswer(side.health).data,
        "requests": _figures(side.figures),
        "deployments": DeploymentAnswer(side.deployments, many=True).data,
    }


def _endpoint(change: Change[TransactionKey]) -> Mapping[str, Any]:
    return {
        "name": change.key.name,
        "op": change.key.op,
        "change": change.verdict.value,
        "from": _figures(change.before),
        "to": _figures(change.after),
    }


def _figures(figures: Figures) -> Mapping[str, Any]:
    return {
        "count": figures.count,
        "failed": figures.failed,
        "error_rate": figures.failure_ratio,
        "p95_seconds": figures.percentile(QUANTILE),
    }


def _issues(group: IssueGroup) -> Mapping[str, Any]:
    rows = [
        {
            "id": row.pk,
            "title": row.title,
            "events": row.event_count,
            "url": f"{settings.PUBLIC_URL}{row.get_absolute_url()}",
        }
        for row in group.rows
    ]
    return {"count": group.count, "results": rows}
