"""The time ranges of the pages: how long, in which steps their charts are drawn, how they are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import TextChoices

from tradewatch.core.faults import Invalid
from tradewatch.core.windows import parse_window
from tradewatch.metrics.ages import bucket_ages
from tradewatch.metrics.models import Resolution

MINUTE, HOUR = 60, 3600
MOST_POINTS = 120
_CUSTOM_STEPS = (60, 300, 900, HOUR, 6 * HOUR, 24 * HOUR, 7 * 24 * HOUR)


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


class Range(TextChoices):
    """A range that ends now."""

    QUARTER = "15m", "15 min"
    HOUR = "1h", "hour"
    DAY = "24h", "24 h"
    MONTH = "30d", "30 days"

    @property
    def is_live(self) -> bool:
        return True

    @property
    def length(self) -> timedelta:
        return _LENGTHS[self]

    @property
    def step_seconds(self) -> int:
        """Return the width of a chart's point: 15 to 120 points a range."""
        return _STEPS[self]

    @property
    def within(self) -> str:
        """Return `in the last hour`."""
        return f"in the last {self.label}"

    @property
    def compared(self) -> str:
        return f"the {self.label} before"

    def parameters(self) -> dict[str, str]:
        """Return what names this range in a URL; nothing for the default."""
        return {} if self is DEFAULT_RANGE else {"window": self.value}

    def span(self, now: datetime) -> Span:
        """Return whole minutes up to the running one."""
        return span_ending(now, length=self.length, step_seconds=MINUTE)

    def chart_span(self, now: datetime) -> Span:
        return span_ending(now, length=self.length, step_seconds=self.step_seconds)


_LENGTHS = {
    Range.QUARTER: timedelta(minutes=15),
    Range.HOUR: timedelta(hours=1),
    Range.DAY: timedelta(hours=24),
    Range.MONTH: timedelta(days=30),
}
_STEPS = {Range.QUARTER: 60, Range.HOUR: 60, Range.DAY: 900, Range.MONTH: 6 * 3600}
DEFAULT_RANGE = Range.HOUR


@dataclass(frozen=True, slots=True)
class CustomRange:
    """A range with both its ends, UTC. What lies in it may still be counted: late events, retries."""

    start: datetime
    end: datetime

    @property
    def is_live(self) -> bool:
        return False

    @property
    def within(self) -> str:
        """Return `on 23 Nov from 14:00 to 15:00`, with both days where they differ."""
        if self.start.date() == self.end.date():
            return f"on {self.start:%d %b} from {self.start:%H:%M} to {self.end:%H:%M}"
        return f"from {self.start:%d %b %H:%M} to {self.end:%d %b %H:%M}"

    @property
    def compared(self) -> str:
        return "as long before"

    @property
    def label(self) -> str:
        return self.within.removeprefix("on ").removeprefix("from ")

    def parameters(self) -> dict[str, str]:
        return {"start": _as_parameter(self.start), "end": _as_parameter(self.end)}

    def span(self, now: datetime) -> Span:
        """Return the whole minutes that hold the range: whole hours where minutes are not kept any more."""
        return self._on_steps(HOUR if now - self.start > minutes_live() else MINUTE)

    def chart_span(self, now: datetime) -> Span:
        least = HOUR if now - self.start > minutes_live() else MINUTE
        seconds = (self.end - self.start).total_seconds()
        fitting = (step for step in _CUSTOM_STEPS if step >= least and seconds <= step * MOST_POINTS)
        return self._on_steps(next(fitting, _CUSTOM_STEPS[-1]))

    def _on_steps(self, step: int) -> Span:
        first = int(self.start.timestamp()) // step * step
        last = -(-int(self.end.timestamp()) // step) * step
        return Span(datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC), step)


Period = Range | CustomRange


def minutes_live() -> timedelta:
    """Return how long counts are kept by the minute; older ones are kept by the hour."""
    return bucket_ages()[Resolution.MINUTE]


def read_period(parameters: Mapping[str, str], *, now: datetime) -> Period:
    """Return what `start` and `end`, or else `window`, name. An unknown window is the default: an old link should open.

    Raises `Invalid` with the field at fault.
    """
    ends = {name: parameters[name] for name in ("start", "end") if parameters.get(name)}
    if ends:
        if "end" not in ends:
            raise Invalid("bad time window", errors={"end": ["is needed with start"]})
        window = parse_window(ends, now=now)
        return CustomRange(window.start.astimezone(UTC), window.end.astimezone(UTC))
    named = parameters.get("window")
    return Range(named) if named in Range.values else DEFAULT_RANGE


def span_ending(now: datetime, *, length: timedelta, step_seconds: int) -> Span:
    """Return the interval of `length` that ends with the step in which `now` lies."""
    end = datetime.fromtimestamp((int(now.timestamp()) // step_seconds + 1) * step_seconds, now.tzinfo)
    return Span(end - length, end, step_seconds)


def _as_parameter(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M" if not moment.second else "%Y-%m-%dT%H:%M:%S")
