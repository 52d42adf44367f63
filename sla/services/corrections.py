"""Corrections: time that counts neither way, added with a reason and withdrawn, never deleted."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from sla.choices import CorrectionKind
from sla.models import Correction, Target
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.core.live import push
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

LONGEST = timedelta(days=366)
REASON_CHARACTERS = 300


def add_correction(
    actor: Actor,
    project: Project,
    *,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    target: Target | None = None,
    environment: str = "",
    source_key: str = "",
) -> Correction:
    """Take [starts_at, ends_at) out of a target; without one out of all of the project's.

    Who pushes with a `source_key` may do so again: the correction of that key moves to the times now given, and one
    that was withdrawn stays so. Raises `NotAllowed`, `Invalid`.
    """
    access.require(actor, project.pk, Role.MANAGER, scope=Scope.SLA_WRITE)
    wanted = Correction(
        project=project,
        target=target,
        environment=environment,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason.strip(),
        source_key=source_key,
        actor=actor.label[:200],
        user_id=actor.id if actor.kind == "user" else None,
    )
    if errors := faults_in_correction(wanted):
        raise Invalid("bad correction", errors=errors)
    if source_key and (stored := _move(actor, wanted)):
        return stored
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
            audit.record(actor, "correction.add", wanted, project_id=project.pk, changes=_told(wanted))
    except IntegrityError:  # whoever pushed it was here at the same moment
        return _move(actor, wanted) or wanted
    wanted.refresh_from_db(fields=["created_at"])
    transaction.on_commit(lambda: push("sla", project.pk))
    return wanted


@transaction.atomic
def withdraw_correction(actor: Actor, correction: Correction, *, now: datetime) -> Correction:
    """Let its time count again; who added and who withdrew it stays written. Again: unchanged. Raises `NotAllowed`."""
    access.require(actor, correction.project_id, Role.MANAGER, scope=Scope.SLA_WRITE)
    row = Correction.objects.select_for_update().get(pk=correction.pk)
    if row.withdrawn_at is not None:
        return row
    row.withdrawn_at, row.withdrawn_by = now, actor.label[:200]
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    audit.record(
        actor, "correction.withdraw", row, project_id=row.project_id, changes={"withdrawn_at": [None, now.isoformat()]}
    )
    transaction.on_commit(lambda: push("sla", row.project_id))
    return row


def faults_in_correction(row: Correction) -> dict[str, list[str]]:
    """Return {field: [what is expected]}; empty: it may be added."""
    found: dict[str, list[str]] = {}
    if row.kind not in CorrectionKind.values:
        found["kind"] = [f"expected one of {', '.join(CorrectionKind.values)}"]
    if row.ends_at <= row.starts_at:
        found["ends_at"] = ["expected a time after starts_at"]
    elif row.ends_at - row.starts_at > LONGEST:
        found["ends_at"] = [f"expected at most {LONGEST.days} days after starts_at"]
    if not 1 <= len(row.reason) <= REASON_CHARACTERS:
        found["reason"] = [f"expected 1 to {REASON_CHARACTERS} characters that say why"]
    if row.target is not None and row.target.project_id != row.project_id:
        found["target"] = ["expected a target of the same project"]
    if len(row.environment) > 64:
        found["environment"] = ["expected at most 64 characters"]
    return found


@transaction.atomic
def _move(actor: Actor, wanted: Correction) -> Correction | None:
    """Give the stored correction of the same source the times and words of `wanted`; None: there is none."""
    rows = Correction.objects.select_for_update().filter(project=wanted.project, source_key=wanted.source_key)
    stored = rows.first()
    if stored is None or stored.withdrawn_at is not None or _told(stored) == _told(wanted):
        return stored
    before = _told(stored)
    for name in ("starts_at", "ends_at", "reason", "environment", "kind"):
        setattr(stored, name, getattr(wanted, name))
    stored.save(update_fields=["starts_at", "ends_at", "reason", "environment", "kind"])
    after = _told(stored)
    changes = {name: [before[name][1], after[name][1]] for name in after if after[name] != before[name]}
    audit.record(actor, "correction.move", stored, project_id=stored.project_id, changes=changes)
    return stored


def _told(row: Correction) -> dict[str, list[object]]:
    """Return what the audit trail says of it, as of a new one."""
    return {
        "kind": [None, str(row.kind)],
        "starts_at": [None, row.starts_at.isoformat()],
        "ends_at": [None, row.ends_at.isoformat()],
        "environment": [None, row.environment],
        "reason": [None, row.reason],
    }
