"""The slow way: walk the minutes of a zone's clock and look. Shares nothing with the code under test but the names."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


class Clock:
    """What a zone's clock showed in each minute between two moments."""

    def __init__(self, zone: ZoneInfo, start: datetime, end: datetime) -> None:
        self.minutes: list[tuple[datetime, datetime]] = []
        moment = start
        while moment < end:
            self.minutes.append((moment, moment.astimezone(zone).replace(tzinfo=None, fold=0)))
            moment += MINUTE
        self._first: dict[datetime, datetime] = {}

    def first_that_shows(self, reading: datetime) -> datetime:
        """The first minute at which the clock shows the reading or something later."""
        if reading not in self._first:
            self._first[reading] = next(moment for moment, shown in self.minutes if shown >= reading)
        return self._first[reading]


def minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += MINUTE


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
