"""What people ask for overrides and freezes, and what is wrong with it. Values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.dateparse import parse_datetime

from releases.deployments.asked import fault_in_environment
from tradewatch.calendars.wall_clock import moment_of, zone_named
from tradewatch.projects.versions import fault_in_text, fault_in_version

LONGEST_OVERRIDE = timedelta(days=1)
LONGEST_FREEZE = timedelta(days=366)
LONGEST_REASON, LONGEST_NAME = 300, 120
Faults = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class OverrideAsked:
    environment: str
    reason: str
    minutes: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class FreezeAsked:
    """`environment` empty: all."""

    name: str
    starts_at: datetime
    ends_at: datetime
    zone: str = "UTC"
    environment: str = ""
    reason: str = ""


def faults_in_question(environment: str, version: str) -> Faults:
    """Return what is wrong, by field; empty: the gate can be asked."""
    return _found(
        environment=fault_in_environment(environment) if environment else "is needed: the gate is asked of one",
        version=fault_in_version(version) if version else "",
    )


def faults_in_override(asked: OverrideAsked) -> Faults:
    most = int(LONGEST_OVERRIDE.total_seconds() // 60)
    return _found(
        environment=fault_in_environment(asked.environment),
        version=fault_in_version(asked.version) if asked.version else "",
        reason=_fault_in_line(asked.reason, LONGEST_REASON) or ("" if asked.reason else "is needed: say why"),
        minutes="" if 1 <= asked.minutes <= most else f"expected 1 to {most}",
    )


def faults_in_freeze(asked: FreezeAsked, *, now: datetime) -> Faults:
    return _found(
        name=_fault_in_line(asked.name, LONGEST_NAME) or ("" if asked.name else "is needed"),
        reason=_fault_in_line(asked.reason, LONGEST_REASON),
        environment=fault_in_environment(asked.environment) if asked.environment else "",
        zone=fault_in_zone(asked.zone),
        ends_at=_fault_in_end(asked.starts_at, asked.ends_at, now=now),
    )


def fault_in_zone(zone: str) -> str:
    try:
        zone_named(zone)
    except ValueError:
        return "is no time zone: expected a name such as America/New_York"
    return ""


def read_moment(text: str, zone: str) -> datetime | str:
    """Return the moment of an ISO 8601 time, or what is wrong with it.

    Without an offset it is what a clock on a wall in `zone` (one that is known) shows, as `wall_clock.moment_of` says.
    """
    try:
        read = parse_datetime(text)
    except ValueError:
        read = None
    if read is None:
        return "expected an ISO 8601 time: 2026-11-25T16:00 in its zone, or with an offset"
    if not 2000 <= read.year < 3000:
        return "expected a year from 2000 to 2999"
    return moment_of(read, zone_named(zone)) if read.tzinfo is None else read.astimezone(UTC)


def _fault_in_end(starts_at: datetime, ends_at: datetime, *, now: datetime) -> str:
    if ends_at <= starts_at:
        return "expected a time after the start"
    if ends_at - starts_at > LONGEST_FREEZE:
        return f"expected at most {LONGEST_FREEZE.days} days after the start"
    return "has passed already" if ends_at <= now else ""


def _fault_in_line(text: str, longest: int) -> str:
    return f"is longer than {longest} characters" if len(text) > longest else fault_in_text(text)


def _found(**faults: str) -> Faults:
    return {name: [text] for name, text in faults.items() if text}
