"""What deployments do to rollbacks: bring back what was asked for, go back unasked, or go on and overtake."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Min

from releases.choices import DeploymentState, RollbackOpening, RollbackState, VersionSource
from releases.deployments.queries import went_out
from releases.models import Deployment, Rollback
from releases.rollbacks.decisions import is_same_version, is_way_back
from releases.rollbacks.queries import open_rollbacks
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.live import push

_SAID = (VersionSource.GIVEN, VersionSource.COMMIT)


def record_start(row: Deployment) -> None:
    """Link a deployment that begins to the open rollbacks that want its version, in the caller's transaction."""
    for rollback in open_rollbacks(row.project_id, row.environment).filter(state=RollbackState.REQUESTED):
        if is_same_version(rollback.to_version, row.version):
            Rollback.objects.filter(pk=rollback.pk, state=RollbackState.REQUESTED).update(restoring=row)


def record_success(actor: Actor, row: Deployment, *, now: datetime) -> None:
    """Write what a deployment that succeeded means for the way back. The caller holds `lock_environments`.

    `row.previous` is what it took the place of. It is locked first, then rollbacks, as whoever writes a look does.
    """
    running = Deployment.objects.select_for_update().filter(pk=row.previous_id or 0).first()
    is_recorded = False
    for rollback in open_rollbacks(row.project_id, row.environment):
        if is_same_version(rollback.to_version, row.version):
            _bring_back(actor, rollback, row, now=now)
            is_recorded = True
        else:
            _overtake(actor, rollback, row, now=now)
    if not is_recorded and running is not None and _goes_back(row, running):
        _record_unasked(actor, row, running, now=now)


def close(actor: Actor, rollback: Rollback, state: RollbackState, *, outcome: str, action: str, now: datetime) -> None:
    """End a rollback, in the caller's transaction."""
    before, rollback.state = rollback.state, state
    rollback.closed_at, rollback.outcome, rollback.next_try_at = now, outcome[:500], None
    rollback.save(update_fields=["state", "closed_at", "outcome", "next_try_at"])
    note(actor, action, rollback, {"state": [before, state], "outcome": ["", rollback.outcome]})


def note(actor: Actor, action: str, rollback: Rollback, changes: Mapping[str, list[str | None]]) -> None:
    project_id = rollback.deployment.project_id
    audit.record(actor, action, rollback, project_id=project_id, changes=changes)
    transaction.on_commit(lambda: push("releases", project_id))


def _bring_back(actor: Actor, rollback: Rollback, row: Deployment, *, now: datetime) -> None:
    """The wanted version is out. Deployed once more while it is verified, the newest is the one that is looked at."""
    rollback.restoring = row
    if rollback.state == RollbackState.DEPLOYED:
        rollback.save(update_fields=["restoring"])
        return
    rollback.state, rollback.deployed_at, rollback.next_try_at = RollbackState.DEPLOYED, now, None
    rollback.save(update_fields=["restoring", "state", "deployed_at", "next_try_at"])
    note(actor, "rollback.deploy", rollback, {"state": [RollbackState.REQUESTED, RollbackState.DEPLOYED]})
    _take_back(actor, rollback.deployment)


def _overtake(actor: Actor, rollback: Rollback, row: Deployment, *, now: datetime) -> None:
    name = row.version or "a deployment without a version"
    if rollback.state == RollbackState.REQUESTED:
        state, outcome = RollbackState.WITHDRAWN, f"{name} went out instead."
    else:
        state, outcome = RollbackState.UNVERIFIED, f"{name} went out before it was known whether this helped."
    close(actor, rollback, state, outcome=outcome, action="rollback.overtake", now=now)


def _goes_back(row: Deployment, running: Deployment) -> bool:
    if running.state != DeploymentState.SUCCEEDED or row.version_source not in _SAID:
        return False
    rows = went_out([row.project_id], row.environment).exclude(pk=row.pk).order_by()
    first_out = dict(rows.values_list("version").annotate(Min("finished_at")))
    return is_way_back(row.version, running.version, first_out)


def _record_unasked(actor: Actor, row: Deployment, running: Deployment, *, now: datetime) -> None:
    rollback = Rollback.objects.create(
        deployment=running,
        to_version=row.version,
        opening=RollbackOpening.REDEPLOY,
        state=RollbackState.DEPLOYED,
        requested_by=row.deployed_by,
        requested_at=row.started_at,
        restoring=row,
        deployed_at=now,
    )
    note(actor, "rollback.deploy", rollback, {"state": [None, RollbackState.DEPLOYED]})
    _take_back(actor, running)


def _take_back(actor: Actor, row: Deployment) -> None:
    before, row.state = row.state, DeploymentState.ROLLED_BACK
    row.save(update_fields=["state"])
    changes = {"state": [before, row.state]}
    audit.record(actor, "deployment.roll_back", row, project_id=row.project_id, changes=changes)
