"""The time ranges of the pages: how long, in which steps their charts are drawn."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices


class Range(TextChoices):
    QUARTER = "15m", "15 min"
    HOUR = "1h", "hour"
    DAY = "24h", "24 h"
    MONTH = "30d", "30 days"

    @property
    def length(self) -> timedelta:
        return _LENGTHS[self]

    @property
    def step_seconds(self) -> int:
        """Return the width of a chart's point: 15 to 120 points a range."""
        return _STEPS[self]


_LENGTHS = {
    Range.QUARTER: timedelta(minutes=15),
    Range.HOUR: timedelta(hours=1),
    Range.DAY: timedelta(hours=24),
    Range.MONTH: timedelta(days=30),
}
_STEPS = {Range.QUARTER: 60, Range.HOUR: 60, Range.DAY: 900, Range.MONTH: 6 * 3600}
DEFAULT_RANGE = Range.HOUR


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open interval [start, end) on boundaries of `step_seconds`, the running step included."""

    start: datetime
    end: datetime
    step_seconds: int

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def steps(self) -> int:
        return int(self.length.total_seconds()) // self.step_seconds

    @property
    def epoch_start(self) -> int:
        return int(self.start.timestamp())

    @property
    def epoch_end(self) -> int:
        return int(self.end.timestamp())

    def before(self) -> "Span":
        """Return the interval of the same length that ends where this one starts."""
        return Span(self.start - self.length, self.start, self.step_seconds)


def span_ending(now: datetime, *, length: timedelta, step_seconds: int) -> Span:
    """Return the interval of `length` that ends with the step in which `now` lies."""
    end = datetime.fromtimestamp((int(now.timestamp()) // step_seconds + 1) * step_seconds, now.tzinfo)
    return Span(end - length, end, step_seconds)
