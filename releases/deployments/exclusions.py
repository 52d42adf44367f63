"""Takes the time of deployments out of SLA figures, where a project wants that."""

from releases.models import Deployment, ReleaseSettings
from sla.choices import CorrectionKind
from sla.services.corrections import LONGEST, add_correction
from tradewatch.core.actors import SYSTEM


def exclude(row: Deployment) -> None:
    """Push the time from start to end, once. Nothing where it took no time, or longer than a correction may.

    As TradeWatch itself: a token that may deploy need not have rights over SLA; whoever manages the project set it so.
    """
    wanted = ReleaseSettings.objects.filter(project=row.project_id, excludes_deployments=True).exists()
    if not wanted or row.finished_at is None or not row.started_at < row.finished_at <= row.started_at + LONGEST:
        return
    add_correction(
        SYSTEM,
        row.project,
        kind=CorrectionKind.DEPLOYMENT,
        starts_at=row.started_at,
        ends_at=row.finished_at,
        reason=f"Deployment of {row.version or 'an unnamed version'} by {row.deployed_by}"[:300],
        environment=row.environment,
        source_key=f"deployment:{row.pk}",
    )
