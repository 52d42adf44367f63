"""Whose data folder it is, and whether a restore into it came to its end."""

import fcntl
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

_MARKER = "restoring"


def mark_unfinished(home: Path) -> None:
    (home / _MARKER).touch(mode=0o600)


def mark_finished(home: Path) -> None:
    (home / _MARKER).unlink(missing_ok=True)


def is_unfinished(home: Path) -> bool:
    """Return whether a restore was killed before it had taken back what it did."""
    return (home / _MARKER).exists()


def take_home(home: Path) -> Any:
    """Lock the data folder for this process; its end, however it comes, frees it."""
    lock = (home / "serve.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(f"another `manage.py serve` is running on {home} (TRADEWATCH_HOME)") from None
    return lock
