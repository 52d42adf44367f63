from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from tradewatch.accounts.models import SessionRecord
from tradewatch.accounts.services.rights import require_self_or_superuser
from tradewatch.accounts.services.sessions import end_other_sessions
from tradewatch.core import audit
from tradewatch.core.actors import Actor


@transaction.atomic
def change_password(actor: Actor, user: User, password: str, *, keep: SessionRecord | None, now: datetime) -> None:
    """Set a password that the form has judged, and end every session but `keep`."""
    require_self_or_superuser(actor, user.pk)
    _set(actor, user, password, "user.change_password", keep=keep, now=now)


@transaction.atomic
def reset_password(user: User, password: str, *, address: str | None, now: datetime) -> None:
    """Set the password of whoever followed the link in their mail. No session stands after it: they log in."""
    actor = Actor(kind="user", id=user.pk, label=user.get_username(), address=address)
    _set(actor, user, password, "user.reset_password", keep=None, now=now)


def _set(actor: Actor, user: User, password: str, action: str, *, keep: SessionRecord | None, now: datetime) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(actor, action, user)
    end_other_sessions(actor, user, but=keep, now=now)
