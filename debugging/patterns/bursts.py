"""When an issue came in a sudden cluster. Pure: counts of minutes in, bursts out.

Kleinberg's automaton of two states (Data Mining and Knowledge Discovery 7, 2003) finds where a cluster begins and ends;
whether it is one is asked of Poisson, its p multiplied by how many stretches of such a length there are. The traffic
bends the expectation: what only follows an open is no burst. Where the issue's events cluster by nature, counts are
divided by how much more than independent ones they vary.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from math import log

from alerts.words import counted, number_words
from debugging.choices import PatternKind
from debugging.patterns.found import Found
from debugging.steps.statistics import p_words, poisson_tail
from releases.verdicts.statistics.noise import dispersion

MINUTE, HOUR, BLOCK = 60, 3600, 600
LEAST_EVENTS = 10
LEAST_TIMES = 5.0  # as many as expected
LONGEST_MINUTES = 180  # what goes on for longer is no burst: it is how things are
MOST_P = 0.001
LEAST_EXPECTED = 1 / 3  # what never came before is not expected to come never
MOST_FOUND = 5
_RISE = 4.0  # rate within a burst, times the usual one at least
_SLOWEST = 0.2  # events a minute within a burst
_MOST_BEND = 10.0

Minutes = Mapping[int, int]  # {start of the minute, epoch seconds: how many}


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much traffic [start, end) had, a minute of average traffic counting 1."""

    start: int
    hours: Sequence[int]
    sums: Sequence[float]
    bends: Sequence[float]

    def until(self, at: int) -> float:
        """Return the exposure from the start to `at`."""
        place = max(0, bisect_right(self.hours, at) - 1)
        before = self.sums[place - 1] if place else 0.0
        return before + self.bends[place] * (at - self.hours[place]) / MINUTE

    def of(self, start: int, end: int) -> float:
        return self.until(end) - self.until(start)


def exposure(start: int, end: int, traffic: Mapping[int, int]) -> Exposure:
    """`traffic` by the hour, the last one as far as `end`; empty: every minute counts the same.

    Traffic only excuses: an hour with less than usual counts as an usual one, because what comes at night by a clock,
    or while no requests were recorded, is no burst for that.
    """
    hours = [start, *range((start // HOUR + 1) * HOUR, end, HOUR)]
    lengths = [(after - at) / MINUTE for at, after in zip(hours, [*hours[1:], end], strict=True)]
    rates = [traffic.get(at // HOUR * HOUR, 0) / _minutes_of(at // HOUR * HOUR, end) for at in hours]
    mean = sum(rate * length for rate, length in zip(rates, lengths, strict=True)) / sum(lengths)
    bends = [min(_MOST_BEND, max(1.0, rate / mean)) if mean else 1.0 for rate in rates]
    return Exposure(start, hours, list(accumulate(b * n for b, n in zip(bends, lengths, strict=True))), bends)


def _minutes_of(hour: int, end: int) -> float:
    return min(HOUR, end - hour) / MINUTE


def find_bursts(minutes: Minutes, around: Exposure, end: int) -> list[Found]:
    """Return the strongest bursts of [around.start, end), the newest first."""
    total, whole = sum(minutes.values()), around.of(around.start, end)
    if total < LEAST_EVENTS or whole <= 0:
        return []
    parts = _stretches(minutes, around, total / whole)
    counts = [_within(minutes, part) for part in parts]
    outside = max(0, total - sum(counts))
    quiet = whole - sum(around.of(*part) for part in parts)
    rate = outside / quiet if quiet > 0 else 0.0
    spread = dispersion([_blocks(minutes, parts, around.start, end)])
    found: dict[str, Found] = {}
    for part, count in zip(parts, counts, strict=True):
        expected = max(rate * around.of(*part), LEAST_EXPECTED)
        tries = max(1.0, (end - around.start) / (part[1] - part[0]))
        p = min(1.0, tries * poisson_tail(int(count / spread), expected / spread))
        if is_burst(count, expected, p, part):
            each = _found(part, count, expected, outside, p)
            if each.key not in found or found[each.key].strength < each.strength:
                found[each.key] = each
    strongest = sorted(found.values(), key=lambda each: -each.strength)[:MOST_FOUND]
    return sorted(strongest, key=lambda each: each.key, reverse=True)


def is_burst(count: int, expected: float, p: float, part: tuple[int, int]) -> bool:
    is_short = part[1] - part[0] <= LONGEST_MINUTES * MINUTE
    return is_short and count >= LEAST_EVENTS and count >= LEAST_TIMES * expected and p <= MOST_P


def _stretches(minutes: Minutes, around: Exposure, rate: float) -> list[tuple[int, int]]:
    """Return [start, end) of each stretch that the automaton spends in its upper state. Steps through what happened:
    a quiet stretch is one step, however long."""
    busy, entering = max(_RISE * rate, _SLOWEST), log(max(2.0, around.sums[-1]))
    low, high = 0.0, entering
    came_from: list[tuple[int, bool, bool]] = []  # (minute, low came from high, high came from low)
    before = around.start
    for at in sorted(minutes):
        if at < around.start or not minutes[at]:
            continue
        quiet, own = around.of(before, at), around.of(at, at + MINUTE)
        after_quiet = min(low, high) + rate * quiet, high + busy * quiet
        fell = high < low
        low, high = after_quiet
        rose = low + entering < high
        high = min(high, low + entering) + busy * own - minutes[at] * log(busy)
        low = low + rate * own - minutes[at] * log(rate)
        came_from.append((at, fell, rose))
        before = at + MINUTE
    return _trace(came_from, is_high=high < low)


def _trace(came_from: Sequence[tuple[int, bool, bool]], *, is_high: bool) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    last = None
    for at, fell, rose in reversed(came_from):
        if is_high:
            last = last or at + MINUTE
            if rose:
                found.append((at, last))
                last, is_high = None, fell
        else:
            is_high = fell
    if is_high and last is not None and came_from:
        found.append((came_from[0][0], last))
    return list(reversed(found))


def _within(minutes: Minutes, part: tuple[int, int]) -> int:
    return sum(minutes.get(at, 0) for at in range(part[0], part[1], MINUTE))


def _blocks(minutes: Minutes, parts: Sequence[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Return (events, 1) of each ten minutes outside the bursts, (0, 0) of those that one touches."""
    counts = dict.fromkeys(range(start // BLOCK, end // BLOCK), 0)
    for at, count in minutes.items():
        if at // BLOCK in counts:
            counts[at // BLOCK] += count
    touched = {block for a, b in parts for block in range(a // BLOCK, (b - 1) // BLOCK + 1)}
    return [(0, 0) if block in touched else (count, 1) for block, count in sorted(counts.items())]


def _found(part: tuple[int, int], count: int, expected: float, outside: int, p: float) -> Found:
    start, length = datetime.fromtimestamp(part[0], UTC), (part[1] - part[0]) // MINUTE
    usual = f"about {number_words(expected)} were expected" if outside else "none came otherwise"
    summary = (
        f"{count:,} events in {counted(length, 'minute')} from {start:%d %b %H:%M} UTC, where {usual} ({p_words(p)})."
    )
    evidence = {
        "start": start.isoformat(),
        "end": datetime.fromtimestamp(part[1], UTC).isoformat(),
        "events": count,
        "expected": round(expected, 2),
        "outside": outside,
    }
    # By its hour: a burst that grows at its edges stays the same one.
    key = f"{start:%Y-%m-%dT%H}"
    return Found(PatternKind.BURST, key, summary, round(count / expected, 2), p=p, evidence=evidence)
