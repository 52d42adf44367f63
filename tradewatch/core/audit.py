"""The audit trail: every change by a person or token, written in the transaction of the change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import timezone

from tradewatch.core import bulk
from tradewatch.core.actors import Actor
from tradewatch.core.models import AuditEntry


def record(
    actor: Actor, action: str, target: Model, *, project_id: int | None = None, changes: Mapping[str, Any] | None = None
) -> None:
    """Write that `actor` did `action` (e.g. `issue.resolve`) to `target`. `changes`, {field: [before, after]}, must
    never hold a secret."""
    entry(actor, action, target, project_id=project_id, changes=changes).save()


def record_all(entries: Sequence[AuditEntry]) -> None:
    """Write many entries in one go. Their `changes` hold texts, numbers and None alone."""
    bulk.insert_objects(entries)


def entry(
    actor: Actor, action: str, target: Model, *, project_id: int | None = None, changes: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Return what `record` writes, unsaved."""
    return AuditEntry(
        at=timezone.now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label[:200],
        address=actor.address,
        action=action,
        object_type=target._meta.label_lower,
        object_id=str(target.pk),
        object_label=str(target)[:200],
        project_id=project_id,
        changes=dict(changes or {}),
    )


def forget_old_entries(*, now: datetime) -> int:
    """Delete what is older than TRADEWATCH_AUDIT_RETENTION_DAYS and return how many entries that were."""
    old = AuditEntry.objects.filter(at__lt=now - settings.AUDIT_RETENTION)
    return QuerySet.delete(old)[0]  # the manager's own delete refuses
