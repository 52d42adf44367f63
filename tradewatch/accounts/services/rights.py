from tradewatch.core.actors import Actor
from tradewatch.core.faults import NotAllowed
from tradewatch.projects import access
from tradewatch.projects.choices import Scope


def require_self_or_superuser(actor: Actor, user_id: int) -> None:
    """Raise `NotAllowed` unless it is one's own account or a superuser asks. A token never speaks for a person."""
    if actor.kind == "token":
        raise NotAllowed("an account is changed by its person, not by a token")
    if not (actor.kind == "user" and actor.id == user_id):
        access.require_everywhere(actor, scope=Scope.ADMIN)
