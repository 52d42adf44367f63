"""What happened to an issue, in words: written with each change, read by its page, the API and the admin."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tradewatch.core.actors import Actor
from tradewatch.errors.choices import ActivityKind
from tradewatch.errors.models import Activity, Issue

Undo = Mapping[str, object]


def note_activity(
    actor: Actor,
    issue_id: int,
    kind: ActivityKind,
    text: str,
    *,
    now: datetime,
    undo_token: UUID | None = None,
    undo: Undo | None = None,
) -> Activity:
    """Write one entry, in the transaction of what it tells. `undo`: how to take it back (see `services.undoing`)."""
    return Activity.objects.create(
        issue_id=issue_id,
        at=now,
        kind=kind,
        text=text,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label[:200],
        undo_token=undo_token if undo is not None else None,
        undo=undo,
    )


def activity_of(issue: Issue) -> QuerySet[Activity]:
    """Return what happened to the issue, the newest first: changes, notes, and what TradeWatch did itself."""
    return Activity.objects.filter(issue=issue.pk).order_by("-id")


def is_by(actor: Actor, entry: Activity) -> bool:
    """Return whether `actor` wrote the entry: the same person, or the same token."""
    return (entry.actor_kind, entry.actor_id) == (actor.kind, actor.id)


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
