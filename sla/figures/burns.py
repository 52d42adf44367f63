"""How fast a budget burns: burn = error ratio / (1 - objective); at 1 it lasts exactly for its period. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

from sla.choices import WindowKind
from sla.figures.budget import shown
from sla.figures.counting import counted
from sla.figures.pairs import pairs_for, usual_seconds
from sla.figures.stretches import edges, whole_minute
from sla.figures.values import Burning, BurnPair
from sla.minutes.values import Minutes, Sums
from sla.models import TargetVersion
from tradewatch.calendars.spans import Span, cut


def burning(
    version: TargetVersion,
    minutes: Minutes,
    spans: Sequence[Span],
    now: datetime,
    *,
    period_seconds: int | None = None,
) -> list[Burning]:
    """Return how each pair stands, the fastest first; empty where nothing may fail: then there is no budget to burn.

    `spans`: the time that counts, back to the longest window. `period_seconds`: how long the period counts in all;
    without it a usual one. A pair fires when both its burns are over its factor, and the long window has enough bad
    events and enough of all: events that really came in, since three that stand for thirty prove no more than three.
    """
    pairs = pairs_for(period_seconds or usual_seconds(version))
    budget = 1 - Fraction(version.objective)
    if not budget:
        return []
    found: list[Burning] = []
    for pair in pairs:
        standing = _standing(version, minutes, spans, now, pair, budget)
        found.append(replace(standing, is_held=standing.is_firing and any(each.is_firing for each in found)))
    return found


def window_start(version: TargetVersion, spans: Sequence[Span], now: datetime, seconds: int) -> datetime:
    """Return when a burn window of so many seconds begins.

    On the market's time it reaches back until it holds as much time that counts, over nights and holidays. Slices are
    taken whole: the window has at least the last that is over.
    """
    end = whole_minute(now)
    if version.slice_seconds:
        last = int(end.timestamp()) // version.slice_seconds * version.slice_seconds
        seconds = int(end.timestamp()) - (last - seconds) // version.slice_seconds * version.slice_seconds
    if version.window != WindowKind.MARKET:
        return end - timedelta(seconds=seconds)
    return _back(spans, end, timedelta(seconds=seconds))


def _standing(
    version: TargetVersion,
    minutes: Minutes,
    spans: Sequence[Span],
    now: datetime,
    pair: BurnPair,
    budget: Fraction,
) -> Burning:
    end = whole_minute(now)
    starts = [window_start(version, spans, now, seconds) for seconds in (pair.long_seconds, pair.short_seconds)]
    long, short = (counted(version, minutes, edges(spans, each, end), int(end.timestamp())) for each in starts)
    burns = [_burn(sums, budget) for sums in (long, short)]
    is_over = all(burn is not None and burn > Fraction(pair.factor) for burn in burns)
    has_enough = long.received_bad >= pair.least_bad and long.received >= version.least_events
    return Burning(
        pair=pair,
        long_burn=shown(burns[0]),
        short_burn=shown(burns[1]),
        bad=long.received_bad,
        is_firing=is_over and has_enough,
        is_held=False,
    )


def _burn(sums: Sums, budget: Fraction) -> Fraction | None:
    return Fraction(sums.bad, sums.valid) / budget if sums.valid else None


def _back(spans: Sequence[Span], end: datetime, length: timedelta) -> datetime:
    """Return from when on the spans hold `length` before `end`; their first moment when they hold less."""
    start = end
    for span in reversed(list(cut(spans, spans[0].start, end)) if spans else []):
        if span.length >= length:
            return span.end - length
        start, length = span.start, length - span.length
    return start
