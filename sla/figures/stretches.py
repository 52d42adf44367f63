"""Time in whole minutes: what the figures count in. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from tradewatch.calendars.spans import Span, cut

MINUTE = timedelta(minutes=1)
SECONDS = 60


def whole_minute(at: datetime) -> datetime:
    """Return the start of the minute that holds the moment."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def outward(spans: Iterable[Span]) -> list[Span]:
    """Return the spans with every minute they touch in it whole: a minute's counts cannot be split."""
    return [Span(whole_minute(each.start), whole_minute(each.end + MINUTE - timedelta.resolution)) for each in spans]


def edges(spans: Iterable[Span], start: datetime, end: datetime) -> list[tuple[int, int]]:
    """Return the spans between the two moments in epoch seconds, as `Minutes` takes them."""
    return [(int(each.start.timestamp()), int(each.end.timestamp())) for each in cut(spans, start, end)]


def seconds_in(spans: Iterable[Span]) -> int:
    return sum(int(each.length.total_seconds()) for each in spans)
