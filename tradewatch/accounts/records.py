"""The rows beside Django's sessions: found by the hash of the session's key, made at the first request of a login."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from tradewatch.accounts.models import Authenticator, SessionRecord
from tradewatch.accounts.standing import SessionFacts
from tradewatch.core.addresses import address_of

SEEN_NOTED_EVERY = timedelta(minutes=1)
PASSED = "second_factor"  # in the session: the id of the authenticator whose code was given


def key_hash(session_key: str | None) -> str:
    return hashlib.sha256((session_key or "").encode()).hexdigest()


def facts_of(request: HttpRequest, user: AbstractBaseUser, *, now: datetime) -> SessionFacts:
    """Return what decides about the session; its record is made when there is none yet."""
    row = _row(request, user)
    if row is None:
        start_record(request, user, now=now)
        authenticator = Authenticator.objects.filter(user=user.pk).exclude(confirmed_at=None).first()
        return SessionFacts(False, authenticator.pk if authenticator else None, request.session.get(PASSED))
    request._session_seen_at = row["last_seen_at"]  # type: ignore[attr-defined]  # so that `note_seen` need not ask
    is_confirmed = row["user__authenticator__confirmed_at"] is not None
    return SessionFacts(
        is_ended=row["ended_at"] is not None,
        authenticator_id=row["user__authenticator__id"] if is_confirmed else None,
        passed_id=request.session.get(PASSED),
    )


def start_record(request: HttpRequest, user: AbstractBaseUser, *, now: datetime) -> SessionRecord:
    record, _ = SessionRecord.objects.get_or_create(
        key_hash=key_hash(request.session.session_key),
        defaults={
            "user_id": user.pk,
            "started_at": now,
            "last_seen_at": now,
            "address": address_of(request),
            "user_agent": request.headers.get("User-Agent", "").replace("\0", "")[:300],
        },
    )
    return record


def follow_key(request: HttpRequest, old_key: str | None) -> bool:
    """Move the record of `old_key` to the key that the session has now; return whether there was an open one.

    Without one the session must not stand: it was ended, or a request that ran beside this one took the record along.
    """
    open_one = SessionRecord.objects.filter(key_hash=key_hash(old_key), ended_at=None)
    return bool(open_one.update(key_hash=key_hash(request.session.session_key)))


def note_seen(request: HttpRequest, *, now: datetime) -> None:
    """Set `last_seen_at` and the address, at most once a minute: a page view must not become a write."""
    seen_at = getattr(request, "_session_seen_at", now)
    if seen_at < now - SEEN_NOTED_EVERY:
        where = address_of(request)
        seen: dict[str, Any] = {"last_seen_at": now} | ({"address": where} if where else {})
        SessionRecord.objects.filter(
            key_hash=key_hash(request.session.session_key), last_seen_at__lt=now - SEEN_NOTED_EVERY
        ).update(**seen)


def leave_session(request: HttpRequest, *, now: datetime) -> None:
    """Empty the request's session and end its record: at a logout, and before another login takes its place."""
    SessionRecord.objects.filter(key_hash=key_hash(request.session.session_key), ended_at=None).update(ended_at=now)
    request.session.flush()


def current_record(request: HttpRequest) -> SessionRecord | None:
    return SessionRecord.objects.filter(key_hash=key_hash(request.session.session_key)).first()


def _row(request: HttpRequest, user: AbstractBaseUser) -> dict[str, Any] | None:
    rows = SessionRecord.objects.filter(key_hash=key_hash(request.session.session_key), user=user.pk)
    found = rows.values("ended_at", "last_seen_at", "user__authenticator__id", "user__authenticator__confirmed_at")
    return next((dict(row) for row in found), None)
