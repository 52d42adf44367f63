"""Reads over sessions, and what happens to their records when keys change and time passes."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest

from tradewatch.accounts.models import SessionRecord
from tradewatch.accounts.records import key_hash

SHOWN_AT_MOST = 50


def open_sessions(user: User, *, now: datetime) -> QuerySet[SessionRecord]:
    """Return the sessions that may still be in use, the last seen first."""
    since = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return SessionRecord.objects.filter(user=user, ended_at=None, last_seen_at__gt=since)[:SHOWN_AT_MOST]


def hand_over_record(request: HttpRequest, user: User, record: SessionRecord | None) -> None:
    """Keep the request's session after its password changed: under a new key, with the record it had."""
    update_session_auth_hash(request, user)
    if record is not None:
        record.key_hash = key_hash(request.session.session_key)
        record.save(update_fields=["key_hash"])


def delete_sessions(hashes: set[str]) -> int:
    """Delete Django's own rows of these sessions, by the hashes of their keys; return how many there were.

    Every key there is gets hashed, as no record holds one. There are as many as people are logged in.
    """
    keys = Session.objects.values_list("session_key", flat=True).iterator()
    return Session.objects.filter(session_key__in=[key for key in keys if key_hash(key) in hashes]).delete()[0]


def forget_old_sessions(*, now: datetime) -> int:
    """Delete expired sessions, and records once the session they speak of cannot exist any more.

    Twice the cookie's age: an ended session's own row may have been saved just before its end, and must be gone first.
    """
    Session.objects.filter(expire_date__lt=now).delete()
    old = now - 2 * timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return SessionRecord.objects.filter(last_seen_at__lt=old).delete()[0]
