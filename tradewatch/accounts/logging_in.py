"""From a right password to a session that stands: at once, or over the second step.

Between the two the session names nobody; it only remembers whose password was right, for ten minutes.
"""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from tradewatch.accounts.models import Authenticator
from tradewatch.accounts.records import PASSED, leave_session, start_record

PENDING = "pending_login"
PENDING_SECONDS = 600


def has_second_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user).exclude(confirmed_at=None).exists()


def needs_second_step(user: User) -> bool:
    return settings.REQUIRE_TWO_FACTOR or has_second_factor(user)


def hold_login(request: HttpRequest, user: User, *, then: str) -> None:
    """Remember that the password of `user` was right; `then` is where the login was to lead."""
    leave_session(request, now=timezone.now())  # nobody may have put a session under this one's key
    request.session[PENDING] = {
        "user": user.pk,
        "backend": getattr(user, "backend", settings.AUTHENTICATION_BACKENDS[-1]),
        "hash": user.get_session_auth_hash(),
        "at": time.time(),
        "then": then,
    }


def pending_login(request: HttpRequest) -> tuple[User, str] | None:
    """Return who is between password and code, and where they were going. A changed password ends it."""
    held: dict[str, Any] | None = request.session.get(PENDING)
    if held is None or time.time() - held["at"] > PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=held["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), held["hash"]):
        return None
    user.backend = held["backend"]  # as `authenticate` leaves it
    return user, held["then"]


def finish_login(request: HttpRequest, user: User, authenticator: Authenticator | None) -> None:
    """Log `user` in under a fresh session key, with what the session showed."""
    # Django keeps the key of a session that names the same user, even one that was ended.
    leave_session(request, now=timezone.now())
    login(request, user)
    if authenticator is not None:
        request.session[PASSED] = authenticator.pk
    start_record(request, user, now=timezone.now())
