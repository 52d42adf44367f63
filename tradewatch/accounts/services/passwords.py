from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction

from tradewatch.accounts.models import SessionRecord
from tradewatch.accounts.services.rights import require_self_or_superuser
from tradewatch.accounts.services.sessions import end_other_sessions
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid

WRONG_PASSWORDS = 5
WRONG_PASSWORDS_FOR = timedelta(minutes=15)


def confirm_password(user: User, password: str) -> None:
    """Raise `Invalid` (password) unless it is the user's own, asked of somebody who is logged in.

    After WRONG_PASSWORDS, on whatever form and from whatever session, none is looked at until WRONG_PASSWORDS_FOR after
    the first of them: who took over a session must not find the password by it.
    """
    tries = f"own-password:{user.pk}"
    cache.add(tries, 0, timeout=WRONG_PASSWORDS_FOR.total_seconds())
    if _one_more(tries) > WRONG_PASSWORDS:
        minutes = int(WRONG_PASSWORDS_FOR.total_seconds()) // 60
        raise Invalid(
            "too many wrong passwords", errors={"password": [f"too many were wrong: try again in {minutes} min"]}
        )
    # Not `user.check_password`: that may hash anew, and so end the session that asks.
    if not check_password(password, user.password):
        raise Invalid("wrong password", errors={"password": ["is incorrect"]})
    cache.delete(tries)


def _one_more(key: str) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:  # it lapsed since it was added
        return 1


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
