"""The list of checks: how each stands, its bars over the page's range, its uptime over a day, a week and a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewatch.dashboard import words
from tradewatch.dashboard.checks.words import BADGES, MARKS, certificate_words, line_of
from tradewatch.performance.checks.choices import KNOWN, CheckState
from tradewatch.performance.checks.queries import shown_state, stretches_of, worst_first
from tradewatch.performance.checks.states import Stretch
from tradewatch.performance.checks.uptime import Bar, bars_of, share_words, uptime_of
from tradewatch.performance.models import Check

BARS = 90
BAR_WIDTH = 4  # of a drawing 360 wide
SHOWN_AT_MOST = 200
WINDOWS = (("24 h", timedelta(days=1)), ("7 d", timedelta(days=7)), ("30 d", timedelta(days=30)))


@dataclass(frozen=True, slots=True)
class DrawnBar:
    bar: Bar
    x: int


@dataclass(frozen=True, slots=True)
class CheckLine:
    """`uptimes` stands beside `WINDOWS`; `finding` says the bars for those who do not see them."""

    row: Check
    state: CheckState
    mark: str
    badge: str
    label: str
    text: str
    style: str
    bars: tuple[DrawnBar, ...]
    finding: str
    uptimes: tuple[str, ...]
    seconds: str
    certificate: str
    certificate_days: str
    ends_soon: bool


def lines_of(rows: Sequence[Check], start: datetime, end: datetime, *, now: datetime) -> list[CheckLine]:
    """Return a line for each check, what is wrong first. Bars are drawn over [start, end)."""
    rows = worst_first(rows, now)
    longest = max(length for _, length in WINDOWS)
    found = stretches_of([row.pk for row in rows], min(start, now - longest), max(end, now))
    return [_line(row, found[row.pk], start, end, now) for row in rows]


def drawn_bars(stretches: Sequence[Stretch], start: datetime, end: datetime) -> tuple[DrawnBar, ...]:
    bars = bars_of(stretches, start, end, count=BARS)
    return tuple(DrawnBar(bar, number * BAR_WIDTH) for number, bar in enumerate(bars))


def finding_of(bars: Sequence[DrawnBar], stretches: Sequence[Stretch], start: datetime, end: datetime) -> str:
    """Return `down 6 min, slow 2 min, no data 40 min`, or `up all the time`."""
    if not any(each.bar.level for each in bars):
        return "no data"
    sums = uptime_of(stretches, start, end)
    parts = [
        f"{name} {words.span(length)}"
        for name, length in (("down", sums.down), ("slow", sums.slow), ("no data", sums.unknown))
        if length >= timedelta(seconds=1)
    ]
    return ", ".join(parts) or "up all the time"


def headline(lines: Sequence[CheckLine]) -> str:
    """Return `All 9 good now`, or `1 of 9 down, 2 without data`."""
    total = len(lines)
    counts = {state: sum(line.state == state for line in lines) for state in CheckState}
    parts = [
        f"{counts[state]} {word}"
        for state, word in (
            (CheckState.DOWN, "down"),
            (CheckState.SLOW, "slow"),
            (CheckState.UNKNOWN, "without data"),
            (CheckState.PAUSED, "paused"),
        )
        if counts[state]
    ]
    if not parts:
        return f"All {total} good now" if total > 1 else "Good now"
    return f"Of {words.plural(total, 'check')}: {', '.join(parts)}"


def _spoken_until(row: Check, state: CheckState, end: datetime) -> datetime:
    """Return how far the bars' sentence goes: seconds since the last answer are not worth a "no data" yet."""
    if state in KNOWN and row.covered_until is not None:
        return min(end, row.covered_until)
    return end


def _days(row: Check, now: datetime) -> str:
    if row.tls_expires_at is None:
        return ""
    return words.span(row.tls_expires_at - now) if row.tls_expires_at > now else "ended"


def _line(row: Check, stretches: Sequence[Stretch], start: datetime, end: datetime, now: datetime) -> CheckLine:
    state = shown_state(row, now)
    text, style = line_of(row, state, now)
    certificate, ends_soon = certificate_words(row, now)
    within = [each for each in stretches if each.end >= start]
    bars = drawn_bars(within, start, end)
    mark = MARKS[state]
    return CheckLine(
        row=row,
        state=state,
        mark="warning" if mark == "ok" and (ends_soon or row.failures) else mark,
        badge=BADGES.get(state, ""),
        label=state.label,
        text=text,
        style=style,
        bars=bars,
        finding=finding_of(bars, within, start, _spoken_until(row, state, end)),
        uptimes=tuple(share_words(uptime_of(stretches, now - length, now).share) for _, length in WINDOWS),
        seconds="" if row.seconds is None or state == CheckState.PAUSED else words.seconds(row.seconds),
        certificate=certificate,
        certificate_days=_days(row, now),
        ends_soon=ends_soon,
    )
