"""When calendars are filled: soon after the first start, then weekly, each time by a short process of low priority."""

import logging
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from tradewatch.calendars.models import MarketCalendar

logger = logging.getLogger(__name__)
REFRESH_EVERY = timedelta(days=7)
WARN_BEFORE = timedelta(days=60)
CLAIM = timedelta(minutes=15)
TIMEOUT_SECONDS = 300


def refresh_due(now: datetime) -> bool:
    """Fill the calendars that are due, in a process of its own; return whether one was started.

    The claim keeps two workers from loading at once; a loader that died is tried again after 15 minutes.
    """
    due = MarketCalendar.objects.filter(is_loaded=True, is_always_open=False).filter(
        Q(loaded_at=None) | Q(loaded_at__lt=now - REFRESH_EVERY),
        Q(load_claimed_at=None) | Q(load_claimed_at__lt=now - CLAIM),
    )
    codes = sorted(due.values_list("code", flat=True))
    claimed = [code for code in codes if due.filter(code=code).update(load_claimed_at=now)]
    if claimed:
        _load_apart(claimed)
    return bool(claimed)


def ending_soon(now: datetime) -> list[MarketCalendar]:
    """Return the calendars whose data ends within 60 days; those never loaded have none to end."""
    last = (timezone.localtime(now) + WARN_BEFORE).date()
    return list(MarketCalendar.objects.filter(is_always_open=False, data_until__lt=last).order_by(F("data_until")))


def _load_apart(codes: list[str]) -> None:
    """exchange_calendars brings pandas: 64 MB that a long-lived process would never give back."""
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "load_calendars", *codes]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        logger.warning("calendars not loaded codes=%s: no end after %s s", ",".join(codes), TIMEOUT_SECONDS)
        return
    if done.returncode:
        logger.warning("calendars not loaded codes=%s: %s", ",".join(codes), done.stderr.strip().splitlines()[-1:])
