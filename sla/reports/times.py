"""Moments of a document as people of a zone read them. Pure."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def moment_at(text: str, zone: str | None) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone) if zone else UTC)


def day_words(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


def minute_words(at: datetime) -> str:
    return f"{at.day} {at:%b %Y %H:%M}"


def span_words(start: datetime, end: datetime) -> str:
    """Return `4 Nov 15:30 to 15:50`, with the second day where it is another."""
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end.day} {end:%b %H:%M}"
    return f"{start.day} {start:%b %H:%M} to {last}"
