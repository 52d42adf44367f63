"""Errors that come on a clock: every so many minutes, hours, each day. Pure: minutes in which the issue came, in.

Rayleigh's test of the phase (Fisher, Statistical Analysis of Circular Data, 1993, section 4.3) over fixed candidate
periods, its p multiplied by how many those are. What comes in a row counts once, when it begins. What comes every hour
is just as regular at half an hour: a period must also be met in most of its cycles, and the longest one is told.
Beside the fixed candidates the usual distance between two onsets is one: a timer of seven minutes.
"""

from cmath import exp as turn
from cmath import phase
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import exp, pi, sqrt
from statistics import median

from debugging.choices import PatternKind
from debugging.patterns.found import Found
from debugging.steps.statistics import p_words

MINUTE, HOUR, DAY = 60, 3600, 86_400
PERIODS = tuple(each * MINUTE for each in (5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440))
LEAST_CYCLES = 8  # that it was met in
LEAST_MET = 0.6  # of the cycles from the first to the last
LEAST_REGULARITY = 0.95  # length of the mean direction: 1.0 is always at the same moment
MOST_P = 0.001
_ROW = 2 * MINUTE  # what follows sooner belongs to what came before


@dataclass(frozen=True, slots=True)
class Regular:
    """`met` of `cycles` cycles. `offset_seconds`: the mean moment within a cycle, counted from midnight UTC."""

    period_seconds: int
    regularity: float
    onsets: int
    met: int
    cycles: int
    offset_seconds: int
    p: float


def find_periodic(minutes: Collection[int], traffic: Mapping[int, int] | None = None) -> list[Found]:
    """Return the pattern, or nothing. `minutes`: their starts, epoch seconds. `traffic` by the hour: what comes once a
    day because the traffic does is no clock of its own."""
    starts = onsets(minutes)
    usual = median(after - at for at, after in pairwise(starts)) if len(starts) > 1 else 0
    candidates = {*PERIODS, round(usual / MINUTE) * MINUTE} - {0, MINUTE, 2 * MINUTE}  # a timer of its own length
    tested = [each for period in sorted(candidates) if (each := regular(starts, period))]
    good = [each for each in tested if _stands_out(each) and not _follows(each, traffic or {})]
    return [_found(max(good, key=lambda each: each.period_seconds))] if good else []


def onsets(minutes: Collection[int]) -> list[int]:
    """Return the minutes that begin a row."""
    ordered = sorted(minutes)
    return [at for before, at in zip([None, *ordered], ordered, strict=False) if before is None or at - before > _ROW]


def regular(starts: Sequence[int], period: int) -> Regular | None:
    """Return how regular onsets are at a period; None where there are too few, or too many to tell cycles apart."""
    if len(starts) < LEAST_CYCLES:
        return None
    cycles = round((starts[-1] - starts[0]) / period) + 1
    if cycles < LEAST_CYCLES or len(starts) > 2 * cycles:
        return None
    mean = sum(turn(2j * pi * (at % period) / period) for at in starts) / len(starts)
    offset = phase(mean) / (2 * pi) * period
    # Counted from half a cycle before the usual moment: what wavers around midnight stays in one cycle.
    met = len({round((at - offset) / period) for at in starts})
    p = min(1.0, (len(PERIODS) + 1) * rayleigh(len(starts), abs(mean)))
    return Regular(period, abs(mean), len(starts), met, cycles, round(offset % period), p)


def rayleigh(number: int, length: float) -> float:
    """Return how likely a mean direction so long is by chance (Zar, Biostatistical Analysis, 1999, equation 27.4)."""
    resultant = number * length
    return min(1.0, exp(sqrt(1 + 4 * number + 4 * (number**2 - resultant**2)) - (1 + 2 * number)))


def _stands_out(each: Regular) -> bool:
    is_met = each.met >= LEAST_CYCLES and each.met >= LEAST_MET * each.cycles
    return is_met and each.regularity >= LEAST_REGULARITY and each.p <= MOST_P


def _follows(each: Regular, traffic: Mapping[int, int]) -> bool:
    """Return whether the traffic itself gathers at the same moment of the period nearly as much."""
    total = sum(traffic.values())
    if each.period_seconds < 6 * HOUR or not total:
        return False
    mean = sum(
        n * turn(2j * pi * ((at + HOUR // 2) % each.period_seconds) / each.period_seconds) for at, n in traffic.items()
    )
    return abs(mean) / total >= LEAST_REGULARITY - 0.05


def _found(each: Regular) -> Found:
    summary = (
        f"Every {_every(each.period_seconds)}{_moment(each)}: in {each.met} of {each.cycles} "
        f"cycles ({p_words(each.p)})."
    )
    evidence = {
        "period_seconds": each.period_seconds,
        "offset_seconds": each.offset_seconds,
        "regularity": round(each.regularity, 4),
        "onsets": each.onsets,
        "cycles_met": each.met,
        "cycles": each.cycles,
    }
    strength = round(each.regularity * sqrt(each.onsets), 2)  # times the length that chance alone lets expect
    return Found(PatternKind.PERIODIC, str(each.period_seconds), summary, strength, p=each.p, evidence=evidence)


def _every(seconds: int) -> str:
    for size, word in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds % size == 0:
            return word if seconds == size else f"{seconds // size} {word}s"
    return f"{seconds} s"


def _moment(each: Regular) -> str:
    """Return at what time of the hour or day; empty where that moves on with each cycle."""
    if DAY % each.period_seconds or each.period_seconds < HOUR // 4:
        return ""
    at = datetime.fromtimestamp(round(each.offset_seconds / MINUTE) * MINUTE % each.period_seconds, UTC)
    if each.period_seconds <= HOUR:
        return f", at :{at:%M}"
    return f", at {at:%H:%M} UTC" if each.period_seconds == DAY else f", at {at:%H:%M} UTC and so on"
