"""What CI and people do with deployments: start and complete. Rights are asked here, the audit is written here."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from releases.choices import DeploymentState
from releases.deployments.asked import Start, fault_in_message, faults_in, is_told_again, version_of
from releases.deployments.exclusions import exclude
from releases.deployments.locking import lock_environments
from releases.deployments.naming import name_by_events
from releases.deployments.queries import current_deployment, followed_by
from releases.models import Deployment
from releases.rollbacks.recording import record_start, record_success
from releases.verdicts.telling import tell_failed
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.core.live import push
from tradewatch.core.lookup import the_one
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project
from tradewatch.projects.sightings import newest_release_in

_TRIES = 3  # what stood in the way may end between the insert and the look for it


@dataclass(frozen=True, slots=True)
class Started:
    """`is_new` False: it was in progress already, started by another job of the same pipeline."""

    deployment: Deployment
    is_new: bool


def start_deployment(actor: Actor, project: Project, start: Start, *, now: datetime) -> Started:
    """Start a deployment; one of the same version in progress in the environment is the same deployment.

    Raises `NotAllowed`, `Invalid` by field, and `Conflict` where the one in progress is of another commit.
    """
    access.require(actor, project.pk, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    if errors := faults_in(start):
        raise Invalid("bad deployment", errors=errors)
    row = _new_row(actor, project, start, now=now)
    for _ in range(_TRIES):
        if _insert(actor, row):
            return Started(row, is_new=True)
        under_way = Deployment.objects.filter(
            project=project, environment=row.environment, version=row.version, state=DeploymentState.IN_PROGRESS
        ).first()
        if under_way is not None:
            return Started(_of_same_commit(under_way, start), is_new=False)
    raise Conflict("another deployment of this version starts and ends at this moment: try again")


@transaction.atomic
def complete_deployment(
    actor: Actor, deployment_id: int, *, success: bool, message: str = "", now: datetime
) -> Deployment:
    """End a deployment. Told again in the same way it changes nothing.

    Raises `Unknown`, `NotAllowed`, `Invalid`, and `Conflict` where it ended otherwise.
    """
    row = the_one(Deployment.objects.select_for_update(), deployment_id, "deployment")
    access.require(actor, row.project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    if fault := fault_in_message(message):
        raise Invalid("bad deployment", errors={"message": [fault]})
    told_again = is_told_again(row.state, success=success)
    if told_again:
        return row
    if told_again is not None:
        raise Conflict(f"the deployment has {_ended(row)} at {row.finished_at:%Y-%m-%d %H:%M:%S} UTC")
    name_by_events(row, now=now)
    lock_environments(row.project_id)
    if success:
        row.previous = current_deployment(row.project_id, row.environment, until=now)
    _end(actor, row, DeploymentState.SUCCEEDED if success else DeploymentState.FAILED, message=message, now=now)
    exclude(row)
    if success and followed_by(row) is None:  # told late, it is no way back from what runs there now
        record_success(actor, row, now=now)
    elif not success:
        tell_failed(row, now=now)
    return row


@transaction.atomic
def abandon_deployment(actor: Actor, deployment_id: int, *, now: datetime) -> bool:
    """Close one that nobody completed; False: it has ended by now."""
    row = Deployment.objects.select_for_update().filter(pk=deployment_id, state=DeploymentState.IN_PROGRESS).first()
    if row is None:
        return False
    access.require(actor, row.project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    _end(actor, row, DeploymentState.ABANDONED, message="Its end was never told.", now=now)
    return True


def _new_row(actor: Actor, project: Project, start: Start, *, now: datetime) -> Deployment:
    asks = not (start.version or start.commit)
    newest = newest_release_in(project.pk, start.environment) if asks else ""
    version, source = version_of(start, newest_seen=newest)
    return Deployment(
        project=project,
        environment=start.environment,
        version=version,
        version_source=source,
        commit=start.commit,
        ref=start.ref,
        url=start.url,
        deployed_by=start.deployed_by or actor.label,
        started_at=now,
        previous=current_deployment(project.pk, start.environment),
    )


def _insert(actor: Actor, row: Deployment) -> bool:
    """Return False where one of the same version is in progress."""
    try:
        with transaction.atomic():
            row.pk = None
            row.save(force_insert=True)
            record_start(row)
            audit.record(
                actor, "deployment.start", row, project_id=row.project_id, changes={"version": [None, row.version]}
            )
            transaction.on_commit(lambda: push("releases", row.project_id))
    except IntegrityError:
        return False
    return True


def _of_same_commit(under_way: Deployment, start: Start) -> Deployment:
    known, said = under_way.commit.lower(), start.commit.lower()
    if known and said and not (known.startswith(said) or said.startswith(known)):
        raise Conflict(
            f"deployment {under_way.pk} of this version is in progress with another commit",
            errors={"commit": [f"deployment {under_way.pk} says {under_way.commit}"]},
        )
    return under_way


def _end(actor: Actor, row: Deployment, state: DeploymentState, *, message: str, now: datetime) -> None:
    row.state, row.message = state, message
    row.finished_at = max(now, row.started_at)  # a clock may have been set back in between
    row.save(update_fields=["state", "message", "finished_at", "previous"])
    audit.record(
        actor,
        "deployment.complete" if state != DeploymentState.ABANDONED else "deployment.abandon",
        row,
        project_id=row.project_id,
        changes={"state": [DeploymentState.IN_PROGRESS, state]},
    )
    transaction.on_commit(lambda: push("releases", row.project_id))


def _ended(row: Deployment) -> str:
    return {"abandoned": "been closed as abandoned", "rolled_back": "been rolled back"}.get(row.state, row.state)
