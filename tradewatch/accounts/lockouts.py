"""Failed logins of one name, wherever they come from.

django-axes locks a name at one address, so many addresses are many tries. A name therefore takes NAME_FAILURES wrong
passwords in AXES_COOLOFF_TIME from all addresses together. Whoever makes it fail must not keep its owner out: where
they were logged in before, or just set a password by mail, only the lock of name and address counts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from tradewatch.accounts.models import SessionRecord
from tradewatch.core.addresses import counted_address
from tradewatch.core.models import AuditEntry

NAME_FAILURES = 20  # four addresses' worth: nobody forgets in that many places, and it makes 2,000 guesses a day
RESET_COUNTS_FOR = timedelta(hours=1)
KNOWN_SESSIONS = 200


class Lockouts(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        if super().is_locked(request, credentials):
            return True
        username = str((credentials or {}).get("username") or "")
        request.is_name_locked = is_name_locked(username, request.axes_ip_address, now=timezone.now())
        return bool(request.is_name_locked)


def is_name_locked(username: str, address: str | None, *, now: datetime) -> bool:
    """Return whether the name takes no password from `address` (as limits count it) for what failed elsewhere."""
    if open_at(_failures(username, now=now), limit=NAME_FAILURES) is None:
        return False
    return address not in _known_addresses(username, now=now)


def open_at(failures: Sequence[tuple[datetime, int]], *, limit: int) -> datetime | None:
    """Return the moment of the failures that must lapse so that fewer than `limit` are left; None: there are fewer.

    `failures`: (when the last of them was, how many), the oldest first.
    """
    left = sum(count for _, count in failures)
    lapsing = None
    for moment, count in failures:
        if left < limit:
            return lapsing
        left, lapsing = left - count, moment
    return lapsing


def time_left(request: HttpRequest, username: str, *, now: datetime) -> timedelta:
    """Return how long the request's lock lasts, until the attempts lapse that make it."""
    whole: timedelta = settings.AXES_COOLOFF_TIME
    if getattr(request, "is_name_locked", False):
        lapsing = open_at(_failures(username, now=now), limit=NAME_FAILURES)
    else:
        here = AccessAttempt.objects.filter(username=username, ip_address=getattr(request, "axes_ip_address", None))
        last = here.filter(attempt_time__gte=now - whole).order_by("-attempt_time")
        lapsing = last.values_list("attempt_time", flat=True).first()
    return lapsing - (now - whole) if lapsing else whole


def _failures(username: str, *, now: datetime) -> list[tuple[datetime, int]]:
    rows = AccessAttempt.objects.filter(username=username, attempt_time__gt=now - settings.AXES_COOLOFF_TIME)
    return list(rows.order_by("attempt_time").values_list("attempt_time", "failures_since_start"))


def _known_addresses(username: str, *, now: datetime) -> set[str | None]:
    sessions = SessionRecord.objects.filter(user__username=username).values_list("address", flat=True)
    resets = AuditEntry.objects.filter(
        action="user.reset_password", actor_label=username, at__gt=now - RESET_COUNTS_FOR
    ).values_list("address", flat=True)
    return {counted_address(each) for each in (*sessions[:KNOWN_SESSIONS], *resets[:KNOWN_SESSIONS])}
