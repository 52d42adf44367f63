"""From what a clock on a wall shows to the moment in time: one rule for windows, handoffs and feeds.

A reading stands for the first moment at which the clock shows it or something later. So a reading in the hour that a
clock change skips is the end of that gap, and of a repeated hour the first one counts. `dateutil.rrule` and `datetime`
alone move 02:30 of a gap to 03:30.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

SECOND = timedelta(seconds=1)


@lru_cache(maxsize=8192)
def moment_of(reading: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) that the naive `reading` of a clock in `zone` stands for."""
    first = reading.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if reading_at(first, zone) == reading:
        return first
    early = reading.replace(tzinfo=zone, fold=1).astimezone(UTC)  # before the gap; `first` lies behind it
    return _first_moment_that_shows(reading, zone, after=early, at_latest=first)


def reading_at(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what a clock in `zone` shows at the aware `moment`, naive."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def next_clock_change(moment: datetime, zone: ZoneInfo, *, within: timedelta) -> datetime | None:
    """Return the first moment (UTC) after `moment` from which the clock has another offset; None: none `within`."""
    day = timedelta(days=1)
    low = moment.astimezone(UTC)
    end = low + within
    while low < end:
        high = min(low + day, end)
        if _offset(low, zone) != _offset(high, zone):
            return _change_between(low, high, zone)
        low = high
    return None


def offset_change(change: datetime, zone: ZoneInfo) -> timedelta:
    """Return how far the clock is put forward at `change` (negative: back)."""
    return _offset(change, zone) - _offset(change - SECOND, zone)


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of an IANA name. Raises `ValueError` that says what is expected."""
    if name not in _names():
        raise ValueError(f"unknown time zone {name!r}: expected a name such as America/New_York")
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def _first_moment_that_shows(reading: datetime, zone: ZoneInfo, *, after: datetime, at_latest: datetime) -> datetime:
    """Halve the stretch between a moment too early and one late enough, to the second."""
    low, high = after.replace(microsecond=0), at_latest
    while high - low > SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (low, middle) if reading_at(middle, zone) >= reading else (middle, high)
    return high


def _change_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    low, before = low.replace(microsecond=0), _offset(low, zone)
    while high - low > SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).replace(tzinfo=None) - moment.astimezone(UTC).replace(tzinfo=None)
