"""What people do about the gate: override it, freeze, and take both back. Rights and audit are here."""

from datetime import datetime, timedelta

from django.db import transaction

from releases.gate.asked import FreezeAsked, OverrideAsked, faults_in_freeze, faults_in_override
from releases.models import Freeze, GateOverride
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.core.live import push
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project


@transaction.atomic
def override_gate(actor: Actor, project: Project, asked: OverrideAsked, *, now: datetime) -> GateOverride:
    """Let a version out although the gate says no, for so many minutes. Raises `NotAllowed`, `Invalid` by field."""
    access.require(actor, project.pk, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    if errors := faults_in_override(asked):
        raise Invalid("bad override", errors=errors)
    row = GateOverride.objects.create(
        project=project,
        environment=asked.environment,
        version=asked.version,
        reason=asked.reason,
        created_by=actor.label[:200],
        created_at=now,
        ends_at=now + timedelta(minutes=asked.minutes),
    )
    changes = {"reason": [None, row.reason], "ends_at": [None, row.ends_at.isoformat()]}
    audit.record(actor, "gate.override", row, project_id=project.pk, changes=changes)
    _tell([project.pk])
    return row


@transaction.atomic
def withdraw_override(actor: Actor, override_id: int, *, now: datetime) -> GateOverride:
    """End an override. Again: unchanged. Raises `NotAllowed`, and `Conflict` for one that has ended by itself."""
    row = GateOverride.objects.select_for_update().get(pk=override_id)
    access.require(actor, row.project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    if row.withdrawn_at is not None:
        return row
    if row.ends_at <= now:
        raise Conflict("it has ended already")
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    changes = {"withdrawn_at": [None, now.isoformat()]}
    audit.record(actor, "gate.override.withdraw", row, project_id=row.project_id, changes=changes)
    _tell([row.project_id])
    return row


@transaction.atomic
def add_freeze(actor: Actor, project: Project | None, asked: FreezeAsked, *, now: datetime) -> Freeze:
    """Let nothing out for a while. Without a project of all: that takes a superuser, or a token bound to none.

    Raises `NotAllowed`, `Invalid` by field.
    """
    _require_freezer(actor, project.pk if project else None)
    if errors := faults_in_freeze(asked, now=now):
        raise Invalid("bad freeze", errors=errors)
    row = Freeze.objects.create(
        project=project,
        environment=asked.environment,
        name=asked.name,
        reason=asked.reason,
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        zone=asked.zone,
        created_by=actor.label[:200],
    )
    changes = {name: [None, getattr(row, name).isoformat()] for name in ("starts_at", "ends_at")}
    audit.record(actor, "freeze.add", row, project_id=row.project_id, changes=changes)
    _tell(_projects_of(row))
    return row


@transaction.atomic
def cancel_freeze(actor: Actor, freeze_id: int, *, now: datetime) -> Freeze:
    """End a freeze, or one to come before it begins. Again: unchanged. Raises `NotAllowed`, `Conflict` when over."""
    row = Freeze.objects.select_for_update(of=("self",)).get(pk=freeze_id)
    _require_freezer(actor, row.project_id)
    if row.cancelled_at is not None:
        return row
    if row.ends_at <= now:
        raise Conflict("it is over already")
    row.cancelled_at = now
    row.save(update_fields=["cancelled_at"])
    changes = {"cancelled_at": [None, now.isoformat()]}
    audit.record(actor, "freeze.cancel", row, project_id=row.project_id, changes=changes)
    _tell(_projects_of(row))
    return row


def _require_freezer(actor: Actor, project_id: int | None) -> None:
    if project_id is None:
        access.require_everywhere(actor, scope=Scope.RELEASES_WRITE)
    else:
        access.require(actor, project_id, Role.MANAGER, scope=Scope.RELEASES_WRITE)


def _projects_of(row: Freeze) -> list[int]:
    return [row.project_id] if row.project_id else list(Project.objects.values_list("pk", flat=True)[:200])


def _tell(project_ids: list[int]) -> None:
    for project_id in project_ids:
        transaction.on_commit(lambda project_id=project_id: push("releases", project_id))  # type: ignore[misc]
