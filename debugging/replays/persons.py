"""The second person without whom nothing is sent to production."""

from debugging.models import Replay, ReplayBatch
from tradewatch.core.actors import Actor
from tradewatch.core.faults import NotAllowed
from tradewatch.projects.models import ApiToken


def require_second_person(actor: Actor, asked: Replay | ReplayBatch) -> None:
    """Raise `NotAllowed` unless `actor` is a person, and another than who asked, by a token too.

    A token stands for who made it. One of which nobody knows who made it (deleted, made on the command line or by
    another token, or by somebody whose account is gone) stands for anybody.
    """
    if actor.kind != "user":
        raise NotAllowed("a person approves what is sent to production, no token")
    if asked.requested_kind == "user" and asked.requested_id == actor.id:
        raise NotAllowed("somebody else than who asked for it approves it")
    if asked.requested_kind == "token":
        token = ApiToken.objects.filter(pk=asked.requested_id or 0).first()
        if token is None:
            raise NotAllowed("the token that asked for it is gone: nobody knows whose it was. Ask for it anew.")
        if token.created_by_id is None:
            raise NotAllowed("nobody knows who made the token that asked for it. Ask for it anew, signed in.")
        if token.created_by_id == actor.id:
            raise NotAllowed("your own token asked for it: somebody else approves it")
