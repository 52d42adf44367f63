"""Sums and bars over spans. Pure, and exact: times are added as they are, nothing is rounded before it is shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from tradewatch.calendars.spans import Span, between
from tradewatch.performance.checks.choices import KNOWN, CheckState
from tradewatch.performance.checks.states import Stretch

_ZERO = timedelta()
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long a check was in which state within an interval. The four add up to its length."""

    up: timedelta
    slow: timedelta
    down: timedelta
    unknown: timedelta

    @property
    def known(self) -> timedelta:
        return self.up + self.slow + self.down

    @property
    def share(self) -> Decimal | None:
        """Return the share of the known time in which it answered, from 0 to 1. None: nothing is known."""
        if not self.known:
            return None
        return _seconds(self.up + self.slow) / _seconds(self.known)

    @property
    def seconds(self) -> dict[str, Decimal]:
        """Return {state: seconds}, exact to the microsecond."""
        return {name: _seconds(getattr(self, name)) for name in ("up", "slow", "down", "unknown")}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the row: `level` is ok, warn, crit, or empty where nothing is known."""

    level: str
    start: datetime
    end: datetime
    words: str


def uptime_of(stretches: Iterable[Stretch], start: datetime, end: datetime) -> Uptime:
    """Return the sums of `stretches`, which do not overlap, within [start, end)."""
    sums = dict.fromkeys(KNOWN, _ZERO)
    for each in stretches:
        if each.end <= start or each.start >= end:  # of a month of a nervous check, most are in no other window
            continue
        if each.state in sums:
            sums[each.state] += _overlap(each, start, end)
    known = sum(sums.values(), _ZERO)
    return Uptime(
        up=sums[CheckState.UP],
        slow=sums[CheckState.SLOW],
        down=sums[CheckState.DOWN],
        unknown=max(end - start, _ZERO) - known,
    )


def outside(stretches: Iterable[Stretch], spans: Sequence[Span]) -> list[Stretch]:
    """Return what of `stretches` lies in none of `spans`."""
    return [
        Stretch(each.state, part.start, part.end) for each in stretches for part in between(spans, each.start, each.end)
    ]


def bars_of(stretches: Sequence[Stretch], start: datetime, end: datetime, *, count: int) -> list[Bar]:
    """Return `count` bars of equal length. `stretches` are in the order of time."""
    width = (end - start) / count
    bars, first = [], 0
    for number in range(count):
        low, high = start + number * width, start + (number + 1) * width
        while first < len(stretches) and stretches[first].end < low:
            first += 1
        last = first
        while last < len(stretches) and stretches[last].start < high:
            last += 1
        within = stretches[first:last]
        bars.append(_bar(uptime_of(within, low, high), low, high))
    return bars


def share_words(share: Decimal | None) -> str:
    """Return `99.71%`, rounded down: what was not up the whole time is never called 100%."""
    if share is None:
        return "no data"
    percent = (share * 100).quantize(_HUNDREDTH, ROUND_FLOOR)
    return f"{percent.normalize():f}%" if percent == percent.to_integral_value() else f"{percent}%"


def _bar(sums: Uptime, start: datetime, end: datetime) -> Bar:
    if not sums.known:
        return Bar("", start, end, "no data")
    if sums.down:
        level = "crit" if 2 * sums.down >= sums.known else "warn"
        return Bar(level, start, end, f"down {_short(sums.down)}")
    if sums.slow:
        return Bar("warn", start, end, f"slow {_short(sums.slow)}")
    return Bar("ok", start, end, "up")


def _overlap(each: Stretch, start: datetime, end: datetime) -> timedelta:
    if start <= each.start and each.end <= end:
        return each.end - each.start
    return max(min(each.end, end) - max(each.start, start), _ZERO)


def _seconds(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / 1_000_000


def _short(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds < 60:
        return f"{max(seconds, 1)} s"
    return f"{seconds // 60} min" if seconds < 3600 else f"{seconds // 3600} h {seconds % 3600 // 60} min"
