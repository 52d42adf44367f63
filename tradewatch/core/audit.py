"""The audit trail: every change by a person or token, written in the transaction of the change."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from django.utils import timezone

from tradewatch.core.actors import Actor
from tradewatch.core.models import AuditEntry


def record(
    actor: Actor, action: str, target: Model, *, project_id: int | None = None, changes: Mapping[str, Any] | None = None
) -> None:
    """Write that `actor` did `action` (e.g. `issue.resolve`) to `target`. `changes`, {field: [before, after]}, must
    never hold a secret."""
    AuditEntry.objects.create(
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
