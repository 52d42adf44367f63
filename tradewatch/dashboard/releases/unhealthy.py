"""What runs and is unhealthy, as the sentence on top of the list: with the way to its rollback offer."""

from collections.abc import Sequence
from dataclasses import dataclass

from releases.choices import DeploymentState, Verdict
from releases.models import Deployment, DeploymentLook
from releases.rollbacks.queries import Offer, offer_of

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Unhealthy:
    """`offer` None: there is no way back, or it was asked for already."""

    deployment: Deployment
    summary: str
    offer: Offer | None


def unhealthy_of(running: Sequence[Deployment]) -> list[Unhealthy]:
    """Return those of the deployments that run now, are unhealthy, and that nobody decided to keep."""
    rows = [row for row in running if is_unhealthy(row)][:SHOWN]
    looks = DeploymentLook.objects.filter(deployment__in=rows).order_by("minutes")
    said = dict(looks.values_list("deployment", "summary"))  # of several the last
    return [Unhealthy(row, said.get(row.pk, ""), offer_of(row)) for row in rows]


def is_unhealthy(row: Deployment) -> bool:
    return row.state == DeploymentState.SUCCEEDED and row.verdict == Verdict.UNHEALTHY and row.kept_at is None
