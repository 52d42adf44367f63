"""Does a measured rule fire on its readings, and is its alert over. Values in, a sentence out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from alerts.choices import Comparison
from alerts.measures.readings import Reading
from alerts.words import duration_words


class Level(Enum):
    FIRES = "fires"
    PENDING = "pending"  # beyond the limit, not yet for as long as the rule wants
    FINE = "fine"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MeasureVerdict:
    level: Level
    reason: str
    value: float | None = None
    words: str = ""


def judge_readings(
    readings: Sequence[Reading], *, comparison: Comparison, threshold: float, limit_words: str, minimum_sample: int
) -> MeasureVerdict:
    """Return the verdict on the newest of `readings` (oldest first, one a minute).

    The rule fires when every one of them is beyond the threshold, strictly. Too small a sample is UNKNOWN. Empty
    `limit_words`: the reading's own words say it all.
    """
    newest = readings[-1]
    limit = limit_words and f"{comparison} {limit_words}"
    if newest.value is None:
        return MeasureVerdict(Level.UNKNOWN, _sentence(newest.words, newest.counts))
    if newest.sample < minimum_sample:
        reason = f"Too little to judge: {newest.counts or newest.words}, needs {minimum_sample}."
        return MeasureVerdict(Level.UNKNOWN, reason, newest.value, newest.words)
    if not _is_beyond(newest, comparison, threshold, minimum_sample):
        reason = _sentence(newest.words + (limit and f", not {limit}"), newest.counts)
        return MeasureVerdict(Level.FINE, reason, newest.value, newest.words)
    beyond = _held_for(readings, comparison, threshold, minimum_sample)
    if beyond < len(readings):
        so_far, wanted = duration_words(timedelta(minutes=beyond)), duration_words(timedelta(minutes=len(readings)))
        reason = f"{newest.words}{limit and f', {limit}'} for {so_far}; fires after {wanted}."
        return MeasureVerdict(Level.PENDING, reason, newest.value, newest.words)
    held = f" for {duration_words(timedelta(minutes=len(readings)))}" if len(readings) > 1 else ""
    reason = _sentence(newest.words + (limit and f", {limit}") + held, newest.counts)
    return MeasureVerdict(Level.FIRES, reason, newest.value, newest.words)


def is_over(verdict: MeasureVerdict, *, last_beyond_at: datetime, window_end: datetime, window: timedelta) -> bool:
    """Return whether a firing alert has ended: known to be fine now, and not beyond the limit for a whole window."""
    return verdict.level is Level.FINE and window_end - last_beyond_at >= window


def _held_for(readings: Sequence[Reading], comparison: Comparison, threshold: float, minimum_sample: int) -> int:
    held = 0
    for reading in reversed(readings):
        if not _is_beyond(reading, comparison, threshold, minimum_sample):
            break
        held += 1
    return held


def _is_beyond(reading: Reading, comparison: Comparison, threshold: float, minimum_sample: int) -> bool:
    if reading.value is None or reading.sample < minimum_sample:
        return False
    return reading.value > threshold if comparison is Comparison.ABOVE else reading.value < threshold


def _sentence(text: str, counts: str) -> str:
    return f"{text}: {counts}." if counts else f"{text}."
