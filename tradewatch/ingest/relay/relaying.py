"""What of each project is relayed, from a snapshot at most 2 s old: the digest never asks the database for it."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from tradewatch.ingest.models import RelaySettings
from tradewatch.ingest.relay.choices import DEFAULT_KINDS, SHARED, RelayKind

MAX_AGE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a project goes to which upstream (0: that of SENTRY_DSN). Rates from 0 to 1."""

    upstream: int
    kinds: frozenset[str]
    error_rate: float
    trace_rate: float
    profile_rate: float


_lock = threading.Lock()
_snapshot: Mapping[int, Choice | None] = {}
_read_at = float("-inf")


def choice_for(project_id: int) -> Choice | None:
    """Return what is relayed of the project; None: nothing."""
    choices = _choices()
    return choices[project_id] if project_id in choices else _usual()


def is_wanted() -> bool:
    """Say whether anything of any project may be relayed."""
    return bool(settings.SENTRY_DSN) or any(choice is not None for choice in _choices().values())


def forget_choices() -> None:
    """Make the next call read the database (after a change, and in tests)."""
    global _read_at
    _read_at = float("-inf")


def _usual() -> Choice | None:
    if not settings.SENTRY_DSN:
        return None
    return _usual_choice(settings.SENTRY_TRACES_SAMPLE_RATE, settings.SENTRY_PROFILES_SAMPLE_RATE)


@lru_cache(maxsize=4)  # asked for every envelope
def _usual_choice(trace_rate: float, profile_rate: float) -> Choice:
    return Choice(SHARED, frozenset(map(str, DEFAULT_KINDS)), 1.0, trace_rate, profile_rate)


def _choices() -> Mapping[int, Choice | None]:
    global _snapshot, _read_at
    if time.monotonic() - _read_at > MAX_AGE_SECONDS:
        with _lock:
            if time.monotonic() - _read_at > MAX_AGE_SECONDS:
                _snapshot = {row.project_id: _choice(row) for row in RelaySettings.objects.all()}
                _read_at = time.monotonic()
    return _snapshot


def _choice(row: RelaySettings) -> Choice | None:
    if not row.is_enabled or not (row.has_own_upstream or settings.SENTRY_DSN):
        return None
    trace, profile = row.trace_sample_rate, row.profile_sample_rate
    return Choice(
        upstream=row.project_id if row.has_own_upstream else SHARED,
        kinds=frozenset(kind for kind in row.kinds if kind in RelayKind.values),
        error_rate=row.error_sample_rate,
        trace_rate=settings.SENTRY_TRACES_SAMPLE_RATE if trace is None else trace,
        profile_rate=settings.SENTRY_PROFILES_SAMPLE_RATE if profile is None else profile,
    )
