"""What changes of a session begin with: rights, and the row locked."""

from debugging.models import DebugSession
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict
from tradewatch.core.lookup import the_one
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope


def require_responder(actor: Actor, project_id: int) -> None:
    access.require(actor, project_id, Role.RESPONDER, scope=Scope.DEBUG_WRITE)


def locked_session(actor: Actor, session: DebugSession, *, may_be_closed: bool = False) -> DebugSession:
    """Return the session as it is now, locked. In the caller's transaction.

    Raises `NotAllowed`, `Unknown`, and `Conflict` for one that is not open.
    """
    require_responder(actor, session.project_id)
    row = the_one(DebugSession.objects.select_for_update(), session.pk, "session")
    if not (row.is_open or may_be_closed):
        raise Conflict(f"the session is {row.state}: reopen it first", errors={"state": [f"is {row.state}"]})
    return row
