from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from tradewatch.accounts.models import SessionRecord
from tradewatch.accounts.services.rights import require_self_or_superuser
from tradewatch.accounts.sessions import delete_sessions
from tradewatch.core import audit
from tradewatch.core.actors import Actor


@transaction.atomic
def end_session(actor: Actor, record: SessionRecord, *, now: datetime) -> None:
    """Log the session out: its next request is a stranger's, its sockets close at their next check."""
    require_self_or_superuser(actor, record.user_id)
    if SessionRecord.objects.filter(pk=record.pk, ended_at=None).update(ended_at=now):
        audit.record(actor, "session.end", record, changes={"ended_at": [None, now]})
        delete_sessions({record.key_hash})


@transaction.atomic
def end_other_sessions(actor: Actor, user: User, *, but: SessionRecord | None, now: datetime) -> int:
    """End the sessions of `user` except `but`; return how many ended."""
    require_self_or_superuser(actor, user.pk)
    others = SessionRecord.objects.filter(user=user, ended_at=None)
    if but is not None:
        others = others.exclude(pk=but.pk)
    hashes = set(others.values_list("key_hash", flat=True))
    ended = others.update(ended_at=now)
    if ended:
        delete_sessions(hashes)
        audit.record(actor, "session.end_others", user, changes={"sessions": [None, ended]})
    return ended
