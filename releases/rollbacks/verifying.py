"""Closes rollbacks when health was tested again: by the looks at the deployment that restores.

What stands for before is not the stretch of what was taken back: see `releases.verdicts.looking`.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from releases.choices import RollbackState, Verdict
from releases.models import DeploymentLook, Rollback
from releases.rollbacks.recording import close
from releases.verdicts.queries import deciding_look, looks_of
from releases.verdicts.stretches import LOOKS
from tradewatch.core.actors import SYSTEM

UNLOOKED_AFTER = timedelta(hours=3)  # its looks should have been taken by then: one an hour after it was deployed
TOO_LITTLE = "Too little traffic to tell whether it helped"
NEVER_LOOKED = "Nobody looked at its health within 3 h: whether it helped is not known."
_ENDS = {
    Verdict.HEALTHY: (RollbackState.VERIFIED, "rollback.verify"),
    Verdict.UNHEALTHY: (RollbackState.FAILED, "rollback.fail"),
    Verdict.INSUFFICIENT: (RollbackState.UNVERIFIED, "rollback.end"),
}


def verify_by_look(look: DeploymentLook) -> None:
    """Close the rollbacks that the looked-at deployment restores, in the caller's transaction.

    The first healthy look verifies. That it did not help, or that nobody can tell, only the last look says: processes
    of the version that was taken back go on failing for a while.
    """
    if look.verdict != Verdict.HEALTHY and look.minutes < LOOKS[-1]:
        return
    deciding = deciding_look(looks_of(look.deployment)) or look
    state, action = _ENDS[Verdict(deciding.verdict)]
    for rollback in _waiting().filter(restoring=look.deployment_id):
        close(SYSTEM, rollback, state, outcome=_words(deciding), action=action, now=look.looked_at)


@transaction.atomic
def close_unlooked(now: datetime) -> int:
    """Close those whose looks never came; return how many."""
    overdue = list(_waiting().filter(deployed_at__lte=now - UNLOOKED_AFTER)[:50])
    for rollback in overdue:
        close(SYSTEM, rollback, RollbackState.UNVERIFIED, outcome=NEVER_LOOKED, action="rollback.end", now=now)
    return len(overdue)


def _waiting() -> QuerySet[Rollback]:
    rows = Rollback.objects.select_for_update(of=("self",)).filter(state=RollbackState.DEPLOYED)
    return rows.select_related("deployment").order_by("id")


def _words(look: DeploymentLook) -> str:
    if look.verdict == Verdict.INSUFFICIENT:
        return f"{TOO_LITTLE}: {look.summary}"
    return f"{look.get_verdict_display()} after {look.minutes} min: {look.summary}"
