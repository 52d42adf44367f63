"""Deployments as flags on charts: where they ended, else where they began."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from django.db.models.functions import Coalesce

from releases.choices import DeploymentState
from releases.models import Deployment
from tradewatch.metrics.markers import MOST, Marker
from tradewatch.projects.versions import parse_version

_HOW = {
    DeploymentState.IN_PROGRESS: ", in progress",
    DeploymentState.FAILED: ", failed",
    DeploymentState.ABANDONED: ", never completed",
    DeploymentState.ROLLED_BACK: ", rolled back",
}


def deployment_markers(project_ids: Sequence[int], environment: str, start: int, end: int) -> Iterator[Marker]:
    """Yield a marker for each deployment within [start, end), epoch seconds."""
    rows = Deployment.objects.filter(project__in=project_ids).annotate(shown_at=Coalesce("finished_at", "started_at"))
    if environment:
        rows = rows.filter(environment=environment)
    shown = rows.filter(shown_at__gte=datetime.fromtimestamp(start, UTC), shown_at__lt=datetime.fromtimestamp(end, UTC))
    for row in shown.order_by("-shown_at")[:MOST]:
        yield marker_of(row)


def marker_of(row: Deployment) -> Marker:
    at = row.finished_at or row.started_at
    label = parse_version(row.version).short if row.version else "deployment"
    verdict = f", {row.get_verdict_display().lower()}" if row.verdict else ""
    how = verdict + _HOW.get(DeploymentState(row.state), "")
    return Marker(
        int(at.timestamp()),
        label,
        f"deployment of {row.version or 'a version not named yet'} to {row.environment} by {row.deployed_by}{how}",
        link=row.get_absolute_url(),
        kind="deployment",
    )
