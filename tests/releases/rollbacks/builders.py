"""An environment with a history, for tests of the way back."""

from datetime import datetime, timedelta
from typing import Any

from releases.choices import RollbackState, Verdict
from releases.deployments.asked import Start
from releases.deployments.services import complete_deployment, start_deployment
from releases.models import Deployment, DeploymentLook, ReleaseSettings, Rollback
from releases.rollbacks.services import request_rollback
from tests.projects.builders import make_project
from tests.releases.builders import MINUTE, NOW
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.projects.models import Project

DAY = timedelta(days=1)


def deploy(
    version: str,
    *,
    at: datetime,
    environment: str = "production",
    success: bool = True,
    project: Project | None = None,
    actor: Actor = SYSTEM,
) -> Deployment:
    """Start a deployment and complete it two minutes later, as CI does."""
    start = Start(environment, version=version, deployed_by="CI")
    row = start_deployment(actor, project or make_project(), start, now=at).deployment
    return complete_deployment(actor, row.pk, success=success, now=at + 2 * MINUTE)


def bad_deployment(**fields: Any) -> Deployment:
    """Return 2.0.1, which went out ten minutes ago after 2.0.0 and is unhealthy."""
    deploy("2.0.0", at=NOW - 5 * DAY)
    return make_unhealthy(deploy("2.0.1", at=NOW - 10 * MINUTE), **fields)


def make_unhealthy(row: Deployment, **fields: Any) -> Deployment:
    Deployment.objects.filter(pk=row.pk).update(verdict=Verdict.UNHEALTHY, verdict_at=NOW, **fields)
    row.refresh_from_db()
    return row


def requested(row: Deployment | None = None, *, now: datetime = NOW, reason: str = "orders fail") -> Rollback:
    return request_rollback(SYSTEM, (row or bad_deployment()).pk, reason=reason, now=now)


def look_at(
    row: Deployment, verdict: Verdict, minutes: int, summary: str = "errors 0.4%, 12 of 3,000"
) -> DeploymentLook:
    return DeploymentLook.objects.create(
        deployment=row,
        minutes=minutes,
        looked_at=(row.finished_at or NOW) + minutes * MINUTE,
        verdict=verdict,
        summary=summary,
        evidence={},
    )


def listen(url: str, secret: str = "") -> ReleaseSettings:
    values = {"rollback_url": url, "encrypted_rollback_secret": secret}
    return ReleaseSettings.objects.update_or_create(project=make_project(), defaults=values)[0]


def states() -> list[tuple[str, str, RollbackState]]:
    rows = Rollback.objects.order_by("pk").values_list("deployment__version", "to_version", "state")
    return [(*names, RollbackState(state)) for *names, state in rows]
