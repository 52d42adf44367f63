"""What a tick does with deployments: names them as events name them, closes those that nobody completed."""

from datetime import datetime

from django.conf import settings

from releases.choices import DeploymentState
from releases.deployments.naming import name_deployments
from releases.deployments.services import abandon_deployment
from releases.models import Deployment
from tradewatch.core.actors import SYSTEM


def tend_deployments(now: datetime) -> None:
    name_deployments(now)
    overdue = Deployment.objects.filter(
        state=DeploymentState.IN_PROGRESS, started_at__lte=now - settings.DEPLOYMENT_ABANDONED_AFTER
    )
    for pk in overdue.order_by("started_at", "id").values_list("pk", flat=True)[:200]:
        abandon_deployment(SYSTEM, pk, now=now)
