"""The one place that says whose session it is: pages, admin, API sessions and sockets all take the user from here.

A session that was ended, or whose user has (or must have) a second factor that it did not show, is a stranger's.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from tradewatch.accounts.records import facts_of, follow_key, note_seen
from tradewatch.accounts.standing import Standing, standing_of

Answer = Callable[[HttpRequest], HttpResponse]
Visitor = AbstractBaseUser | AnonymousUser


def admit_only_verified(answer: Answer) -> Answer:
    """Middleware, right after Django's: `request.user` is a stranger unless the session stands."""

    def guarded(request: HttpRequest) -> HttpResponse:
        user = SimpleLazyObject(lambda: user_of(request))
        request.user = user  # type: ignore[assignment]  # as Django's own middleware does
        request.auser = sync_to_async(lambda: user if user.is_authenticated else AnonymousUser())  # type: ignore
        return answer(request)

    return guarded


def user_of(request: HttpRequest, *, now: datetime | None = None) -> Visitor:
    """Return the request's user, read from the session and the database as they are now."""
    key = request.session.session_key
    user = get_user(request)
    if not user.is_authenticated or request.session.session_key is None:
        return user
    moment = now or timezone.now()
    standing = _standing(request, user, key, now=moment)
    if standing is Standing.ENDED:
        request.session.flush()
    if standing is not Standing.ADMITTED:
        return AnonymousUser()
    note_seen(request, now=moment)
    return user


def _standing(request: HttpRequest, user: AbstractBaseUser, key: str | None, *, now: datetime) -> Standing:
    """Return how the session stands that came with `key`.

    `get_user` gives a session that is signed under one of SECRET_KEY_FALLBACKS another key, before anybody could ask
    whether it was ended.
    """
    if request.session.session_key != key and not follow_key(request, key):
        return Standing.ENDED
    facts = facts_of(request, user, now=now)
    return standing_of(facts, is_required=settings.REQUIRE_TWO_FACTOR and _is_staff(user))


def _is_staff(user: Any) -> bool:
    return bool(user.is_staff)
