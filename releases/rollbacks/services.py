"""What people do about a deployment that hurts: ask for the way back, call it off, or keep it and say why."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from releases.choices import DeploymentState, RollbackOpening, RollbackState, Verdict
from releases.deployments.locking import lock_environments
from releases.deployments.queries import current_deployment
from releases.models import Deployment, Rollback
from releases.models.rollbacks import OPEN_STATES
from releases.rollbacks.decisions import fault_in_reason, is_same_version
from releases.rollbacks.queries import Offer, offer_of, way_back_from, webhook_of
from releases.rollbacks.recording import close, note
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.core.live import push
from tradewatch.core.lookup import the_one
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope

_NOT_OUT = {
    DeploymentState.IN_PROGRESS: "is in progress: complete it first",
    DeploymentState.FAILED: "failed, so that nothing of it is there to take back",
    DeploymentState.ABANDONED: "was never completed: nobody knows whether it went out",
    DeploymentState.ROLLED_BACK: "has been rolled back already",
}


@transaction.atomic
def request_rollback(
    actor: Actor, deployment_id: int, *, reason: str, opening: RollbackOpening | None = None, now: datetime
) -> Rollback:
    """Ask for the version that ran before the deployment; CI is told where the project has a webhook.

    `opening` None: from the verdict's offer where there is one, else by hand. Raises `Unknown`, `NotAllowed`,
    `Invalid`, and `Conflict` where it did not go out, is not what runs, has nothing before it, or is asked for already.
    """
    row = _allowed(actor, Deployment.objects.all(), deployment_id)
    _check_reason(reason)
    lock_environments(row.project_id)  # before any row: see there
    row.refresh_from_db()
    offer = _possible(row)
    if opening is None:
        opening = RollbackOpening.VERDICT if offer_of(row) else RollbackOpening.HAND
    rollback = _insert(actor, offer, reason.strip(), opening, now=now)
    changes = {"to_version": [None, offer.to_version], "reason": [None, rollback.reason]}
    note(actor, "rollback.request", rollback, changes)
    return rollback


@transaction.atomic
def withdraw_rollback(actor: Actor, rollback_id: int, *, now: datetime) -> Rollback:
    """Call off what was requested; again it changes nothing.

    Raises `Unknown`, `NotAllowed`, and `Conflict` where it is out already.
    """
    rollback = _locked(actor, rollback_id)
    if rollback.state == RollbackState.WITHDRAWN:
        return rollback
    if rollback.state != RollbackState.REQUESTED:
        raise Conflict(f"{rollback.to_version} is deployed already: to undo that, deploy another version")
    outcome = f"Called off by {actor.label}."
    close(actor, rollback, RollbackState.WITHDRAWN, outcome=outcome, action="rollback.withdraw", now=now)
    return rollback


@transaction.atomic
def tell_again(actor: Actor, rollback_id: int, *, now: datetime) -> Rollback:
    """Tell CI, from the first try on, of what is requested and did not reach it.

    Raises `Unknown`, `NotAllowed`, and `Conflict` where CI took it or nobody said where it listens: whoever takes the
    same message twice drops the second, so that one that CI lost is withdrawn and requested anew.
    """
    rollback = _locked(actor, rollback_id)
    if rollback.state != RollbackState.REQUESTED:
        raise Conflict(f"the rollback is {rollback.get_state_display().lower()}: CI has nothing to do about it")
    if rollback.told_at:
        raise Conflict(f"CI took it at {rollback.told_at:%Y-%m-%d %H:%M:%S} UTC: withdraw it to request it anew")
    if not webhook_of(rollback.deployment.project_id):
        raise Conflict("the project has no rollback webhook: set one in its release settings")
    rollback.tries, rollback.next_try_at = 0, now
    rollback.save(update_fields=["tries", "next_try_at"])
    note(actor, "rollback.tell", rollback, {})
    return rollback


@transaction.atomic
def keep_deployment(actor: Actor, deployment_id: int, reason: str, *, now: datetime) -> Deployment:
    """Say that an unhealthy deployment stays, and why: its rollback is offered no more. Again it changes nothing.

    Raises `Unknown`, `NotAllowed`, `Invalid`, and `Conflict` where nothing is offered.
    """
    row = _allowed(actor, Deployment.objects.select_for_update(), deployment_id)
    _check_reason(reason)
    if row.kept_at:
        return row
    if row.state != DeploymentState.SUCCEEDED or row.verdict != Verdict.UNHEALTHY:
        raise Conflict("only a deployment that went out and is found unhealthy needs a reason to stay")
    if row.rollbacks.filter(state__in=OPEN_STATES).exists():
        raise Conflict("a rollback of it is requested: withdraw that first")
    _write_kept(actor, row, now, actor.label, reason.strip(), "deployment.keep")
    return row


@transaction.atomic
def stop_keeping(actor: Actor, deployment_id: int) -> Deployment:
    """Take back that the deployment stays: its rollback may be offered again. Raises `Unknown`, `NotAllowed`."""
    row = _allowed(actor, Deployment.objects.select_for_update(), deployment_id)
    if row.kept_at:
        _write_kept(actor, row, None, "", "", "deployment.keep.undo")
    return row


def _allowed(actor: Actor, rows: QuerySet[Deployment], deployment_id: int) -> Deployment:
    row = the_one(rows, deployment_id, "deployment")
    access.require(actor, row.project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    return row


def _locked(actor: Actor, rollback_id: int) -> Rollback:
    rows = Rollback.objects.select_for_update(of=("self",)).select_related("deployment")
    rollback = the_one(rows, rollback_id, "rollback")
    access.require(actor, rollback.deployment.project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    return rollback


def _check_reason(reason: str) -> None:
    if fault := fault_in_reason(reason):
        raise Invalid("bad reason", errors={"reason": [fault]})


def _possible(row: Deployment) -> Offer:
    if row.state != DeploymentState.SUCCEEDED:
        raise Conflict(f"deployment {row.pk} {_NOT_OUT[DeploymentState(row.state)]}")
    current = current_deployment(row.project_id, row.environment)
    if current is not None and current.pk != row.pk:
        name = current.version or "another deployment"
        raise Conflict(f"{row.environment} runs {name} by now (deployment {current.pk}): roll that back, if any")
    offer = way_back_from(row)
    if offer is None:
        raise Conflict(f"nothing is known that ran in {row.environment} before {row.version or 'it'}")
    return offer


def _insert(actor: Actor, offer: Offer, reason: str, opening: RollbackOpening, *, now: datetime) -> Rollback:
    try:
        with transaction.atomic():
            return Rollback.objects.create(
                deployment=offer.deployment,
                to_version=offer.to_version,
                opening=opening,
                state=RollbackState.REQUESTED,
                reason=reason,
                requested_by=actor.label[:200],
                requested_at=now,
                next_try_at=now if offer.is_told else None,
                restoring=_under_way(offer),
            )
    except IntegrityError:
        raise Conflict(_words_of_open(offer.deployment)) from None


def _under_way(offer: Offer) -> Deployment | None:
    row = offer.deployment
    rows = Deployment.objects.filter(
        project=row.project_id, environment=row.environment, state=DeploymentState.IN_PROGRESS
    )
    return next((each for each in rows if is_same_version(each.version, offer.to_version)), None)


def _words_of_open(row: Deployment) -> str:
    rollback = row.rollbacks.filter(state__in=OPEN_STATES).first()
    if rollback is None:
        return "another rollback of it begins and ends at this moment: try again"
    by, at = rollback.requested_by, f"{rollback.requested_at:%Y-%m-%d %H:%M:%S}"
    return f"a rollback to {rollback.to_version} is {rollback.state} already, by {by} at {at} UTC"


def _write_kept(actor: Actor, row: Deployment, at: datetime | None, by: str, reason: str, action: str) -> None:
    before = row.kept_reason
    row.kept_at, row.kept_by, row.kept_reason = at, by[:200], reason
    row.save(update_fields=["kept_at", "kept_by", "kept_reason"])
    audit.record(actor, action, row, project_id=row.project_id, changes={"kept_reason": [before, reason]})
    transaction.on_commit(lambda: push("releases", row.project_id))
