"""What a new event does to an issue that was resolved or ignored (spec/ingest.md, States of an issue)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tradewatch.projects.releases import ReleaseOrder, is_after, is_at_or_after

# The fields of an issue that is not resolved, and of one that is not ignored.
NO_RESOLUTION: Mapping[str, Any] = {
    "resolved_at": None,
    "resolved_in_release": None,
    "resolves_in_next_release": False,
}
NO_SILENCE: Mapping[str, Any] = {"ignored_until": None, "ignored_until_events": None, "ignored_until_users": None}


@dataclass(frozen=True, slots=True)
class Resolution:
    """`in_release` None: everywhere, at once. `in_next_release`: `in_release` is the last that still has the fault."""

    resolved_at: datetime
    in_release: ReleaseOrder | None = None
    in_next_release: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """When ignoring ends: at a time, or when the issue's counters reach a value. All None: never."""

    until: datetime | None = None
    until_events: int | None = None
    until_users: int | None = None


def is_regression(resolution: Resolution, *, received_at: datetime, release: ReleaseOrder | None) -> bool:
    """Return whether an event means that the fault is back.

    An event that was on its way when somebody resolved the issue does not. One that names no release does: an unknown
    release is no reason for silence.
    """
    if received_at <= resolution.resolved_at:
        return False
    if release is None:
        return True
    if resolution.in_release is None:
        return not resolution.in_next_release or release.first_seen_at > resolution.resolved_at
    if resolution.in_next_release:
        return is_after(release, resolution.in_release)
    return is_at_or_after(release, resolution.in_release)


def silence_ended(silence: Silence, *, now: datetime, events: int, users: int) -> str:
    """Return why the issue is no longer ignored, in words; empty while it still is. `events`, `users`: its counters."""
    if silence.until is not None and now >= silence.until:
        return f"was ignored until {silence.until:%Y-%m-%d %H:%M} UTC"
    if silence.until_events is not None and events >= silence.until_events:
        return f"was ignored until {silence.until_events} events"
    if silence.until_users is not None and users >= silence.until_users:
        return f"was ignored until {silence.until_users} users"
    return ""


def resolution_words(version: str, *, in_next: bool) -> str:
    """Return `Resolved`, `Resolved in 4.12.0` or `Resolved in the next release after 4.12.0`."""
    if in_next:
        return f"Resolved in the next release after {version}" if version else "Resolved in the next release"
    return f"Resolved in {version}" if version else "Resolved"


def silence_words(silence: Silence) -> str:
    """Return `Ignored until 2026-11-24 10:00 UTC or 10 more events`. Counts are those still to come."""
    ends = []
    if silence.until is not None:
        ends.append(f"{silence.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    if silence.until_events is not None:
        ends.append(f"{silence.until_events:,} more {'event' if silence.until_events == 1 else 'events'}")
    if silence.until_users is not None:
        ends.append(f"{silence.until_users:,} more {'user' if silence.until_users == 1 else 'users'}")
    return f"Ignored until {' or '.join(ends)}" if ends else "Ignored until somebody reopens it"
