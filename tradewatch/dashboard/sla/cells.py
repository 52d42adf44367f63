"""A period's days, or a market's sessions, as cells: low where the promise was kept, taller where not. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from sla.minutes.values import Minutes, Sums
from tradewatch.calendars.spans import Span, cut
from tradewatch.calendars.wall_clock import moment_of, reading_at
from tradewatch.dashboard.sla.words import counted, share_words

Level = Literal["ok", "warn", "crit", "none", "next"]
BAD_BURN = 6  # times what may be bad: a pace at which people are paged
MOST_CELLS = 120
WIDTH = 360.0
GAP = 0.18  # of a cell's place


@dataclass(frozen=True, slots=True)
class Cell:
    """`x` and `width` in a drawing 360 wide."""

    label: str
    level: Level
    words: str
    x: float
    width: float


def pieces_of(spans: Sequence[Span], zone: ZoneInfo, *, is_market: bool) -> list[tuple[str, list[Span]]]:
    """Return (label, its counting time): each session, or each day of the zone; weeks where days are too many."""
    if is_market:
        return [(f"{reading_at(span.start, zone):%d %b}", [span]) for span in spans][-MOST_CELLS:]
    if not spans:
        return []
    days = list(_days(spans[0].start, spans[-1].end, zone))
    width = -(-len(days) // MOST_CELLS)
    joined = [Span(days[at].start, days[min(at + width, len(days)) - 1].end) for at in range(0, len(days), width)]
    return [(f"{reading_at(day.start, zone):%d %b}", list(cut(spans, day.start, day.end))) for day in joined]


def cells_of(
    pieces: Sequence[tuple[str, Sequence[Span]]],
    left: Sequence[Span],
    minutes: Minutes,
    *,
    objective: Decimal,
    now: datetime,
) -> list[Cell]:
    """Return a cell for each piece; only what of it lies in `left` (without exclusions) is counted."""
    place = WIDTH / max(len(pieces), 1)
    cells = []
    for number, (label, spans) in enumerate(pieces):
        sums = _sums(minutes, [part for span in spans for part in cut(left, span.start, span.end)], now)
        is_next = not spans or spans[0].start >= now
        level = "next" if is_next else level_of(sums, objective)
        text = f"{label}: {_words(sums, is_next=is_next)}"
        cells.append(Cell(label, level, text, round(number * place, 2), round(place * (1 - GAP), 2)))
    return cells


def level_of(sums: Sums, objective: Decimal) -> Level:
    """Return ok where no more was bad than the objective allows, crit at six times that."""
    if not sums.valid:
        return "none"
    allowed = (1 - Fraction(objective)) * sums.valid
    if sums.bad <= allowed:
        return "ok"
    return "crit" if sums.bad > BAD_BURN * allowed else "warn"


def cells_finding(cells: Sequence[Cell]) -> str:
    """Return `23 days: bad on 11 Nov and 23 Nov, weak on 17 Nov, 4 to come`."""
    parts = [
        f"{word} on {', '.join(named[:4])}{f' and {len(named) - 4} more' if len(named) > 4 else ''}"
        for level, word in (("crit", "bad"), ("warn", "weak"), ("none", "no data"))
        if (named := [cell.label for cell in cells if cell.level == level])
    ]
    coming = sum(cell.level == "next" for cell in cells)
    parts += [f"{coming} to come"] if coming else []
    return ", ".join(parts) or "all within the budget"


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Span]:
    day = reading_at(start, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while (first := moment_of(day, zone)) < end:
        day += timedelta(days=1)
        yield Span(first, moment_of(day, zone))


def _sums(minutes: Minutes, spans: Iterable[Span], now: datetime) -> Sums:
    total = Sums()
    for span in cut(spans, datetime.min.replace(tzinfo=UTC), now):
        total = total.plus(minutes.sums(int(span.start.timestamp()), int(span.end.timestamp())))
    return total


def _words(sums: Sums, *, is_next: bool) -> str:
    if is_next:
        return "still to come"
    if not sums.valid:
        return "no data"
    good = Decimal(sums.valid - sums.bad) / sums.valid
    return f"{share_words(good)}, {counted(sums.bad)} bad of {counted(sums.valid)}"
