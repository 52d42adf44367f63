"""What every change of a session shares: the trail that its page shows, the audit, and the word to those who watch."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from debugging.choices import EntryKind
from debugging.models import DebugSession, SessionEntry
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.live import push


def note_entry(
    actor: Actor,
    session: DebugSession,
    kind: EntryKind,
    text: str,
    *,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Write that `actor` did this, in the transaction of the change."""
    SessionEntry.objects.create(
        session=session, at=now, kind=kind, text=text, actor_kind=actor.kind, actor_label=actor.label[:200]
    )
    action = f"debug_session.{kind.value}"
    audit.record(actor, action, session, project_id=session.project_id, changes=changes)
    transaction.on_commit(partial(push, "debug", session.project_id))
