"""Writes of recordings by people: one is taken away, for its user asks for it or it shows what it should not."""

from django.db import transaction

from debugging.models import BrowserReplay
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope


@transaction.atomic
def delete_recording(actor: Actor, row: BrowserReplay) -> None:
    """Raises `NotAllowed`."""
    access.require(actor, row.project_id, Role.MANAGER, scope=Scope.DEBUG_WRITE)
    changes = {"replay_id": [row.replay_id.hex, None], "bytes": [row.stored_bytes, None]}
    audit.record(actor, "recording.deleted", row, project_id=row.project_id, changes=changes)
    row.delete()
