"""Which stretch of time a request asks about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.dateparse import parse_datetime

from tradewatch.core.faults import Invalid

SPANS = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "30d": timedelta(days=30),
}
LONGEST = timedelta(days=400)  # as long as hour buckets are kept by default


@dataclass(frozen=True, slots=True)
class Window:
    """The interval [start, end)."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())

    @property
    def previous(self) -> "Window":
        """The window of the same length that ends where this one starts."""
        return Window(self.start - (self.end - self.start), self.start)


def parse_window(params: Mapping[str, str], *, now: datetime, default: str = "24h") -> Window:
    """Return the window that `window` names (see `SPANS`), or the one from `start` to `end` (ISO 8601, UTC if naive).

    Raises:
        Invalid: with the field at fault.
    """
    if "start" not in params and "end" not in params:
        return _named_window(params.get("window") or default, now=now)
    if "window" in params:
        raise _fault("window", "give either window, or start and end")
    if "start" not in params:
        raise _fault("start", "is needed with end")
    start = _moment(params, "start")
    end = _moment(params, "end") if "end" in params else now
    if start >= end:
        raise _fault("start", "must be before end")
    if end - start > LONGEST:
        raise _fault("start", f"at most {LONGEST.days} days before end")
    return Window(start, end)


def parse_moment(params: Mapping[str, str], field: str, *, default: datetime) -> datetime:
    """Return the moment that `field` names (ISO 8601, UTC if naive), without it `default`. Raises `Invalid`."""
    return _moment(params, field) if params.get(field) else default


def _named_window(name: str, *, now: datetime) -> Window:
    if name not in SPANS:
        raise _fault("window", "expected one of " + ", ".join(SPANS))
    return Window(now - SPANS[name], now)


def _moment(params: Mapping[str, str], field: str) -> datetime:
    try:
        moment = parse_datetime(params[field])
    except ValueError:
        moment = None
    if moment is None:
        raise _fault(field, "expected an ISO 8601 time, e.g. 2026-10-01T00:00:00Z")
    if not 2000 <= moment.year < 3000:  # further out, the window before this one leaves the calendar
        raise _fault(field, "expected a year from 2000 to 2999")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _fault(field: str, text: str) -> Invalid:
    return Invalid("bad time window", errors={field: [text]})
