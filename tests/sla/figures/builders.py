"""Versions and minutes for tests, nothing of them stored. Loud defaults: 99% of requests in the last 30 days."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sla.choices import CorrectionKind, Direction, Indicator, WindowKind
from sla.figures.values import Period
from sla.minutes.values import UNIT, SliceCounts, SliceTally, Sums
from sla.models import Correction, TargetVersion
from tests.calendars.oracle import utc
from tradewatch.calendars.spans import Span
from tradewatch.performance.traces.weighing import WeightedBins, merge


def make_version(**fields: Any) -> TargetVersion:
    known: dict[str, Any] = {
        "pk": 7,
        "target_id": 3,
        "number": 1,
        "valid_from": utc("2026-01-01T00:00"),
        "actor": "ada",
        "indicator": Indicator.AVAILABILITY,
        "direction": Direction.HIGHER,
        "target_value": "0.99",
        "warning_threshold": "0.985",
        "critical_threshold": "0.98",
        "objective": fields.get("target_value", "0.99"),
        "window": WindowKind.ROLLING,
    } | fields
    for name in ("target_value", "warning_threshold", "critical_threshold", "objective", "slice_target"):
        if known.get(name) is not None:
            known[name] = Decimal(known[name])
    return TargetVersion(**known)


def error_rate(**fields: Any) -> TargetVersion:
    known = {"target_value": "0.01", "warning_threshold": "0.02", "critical_threshold": "0.05", "objective": "0.99"}
    return make_version(indicator=Indicator.ERROR_RATE, direction=Direction.LOWER, **known | fields)


def p95(**fields: Any) -> TargetVersion:
    known = {"target_value": "0.5", "warning_threshold": "0.8", "critical_threshold": "2", "objective": "0.95"}
    definition = {"quantile": 0.95, "threshold_seconds": 0.5}
    return make_version(
        indicator=Indicator.PERCENTILE, direction=Direction.LOWER, **{"definition": definition} | known | fields
    )


def make_correction(starts: str, ends: str, **fields: Any) -> Correction:
    return correction_between(utc(starts), utc(ends), **fields)


def correction_between(starts_at: datetime, ends_at: datetime, **fields: Any) -> Correction:
    known = {"pk": 11, "kind": CorrectionKind.MAINTENANCE, "reason": "Disks", "actor": "bob", "project_id": 1}
    return Correction(starts_at=starts_at, ends_at=ends_at, **known | fields)


def make_period(start: str, end: str, **fields: Any) -> Period:
    span = Span(utc(start), utc(end))
    return Period(span.start, span.end, "here", **{"spans": (span,)} | fields)


def counts(valid: int, bad: int = 0, *, approximate: int = 0) -> Sums:
    """Return one minute's counts of whole requests."""
    return Sums(valid * UNIT, bad * UNIT, valid, bad, 1, approximate)


def every_minute(start: str, end: str, each: Sums) -> dict[int, Sums]:
    return dict.fromkeys(range(int(utc(start).timestamp()), int(utc(end).timestamp()), 60), each)


def at(text: str) -> int:
    return int(utc(text).timestamp())


class SlowMinutes:
    """A measure's minutes, looked through one by one."""

    def __init__(self, minutes: Mapping[int, Sums], bins: Mapping[int, WeightedBins] | None = None) -> None:
        self._minutes = dict(sorted(minutes.items()))
        self._bins = bins or {}

    def sums(self, start: int, end: int) -> Sums:
        total = Sums()
        for _, each in self.each(start, end):
            total = total.plus(each)
        return total

    def bins(self, start: int, end: int) -> WeightedBins:
        return merge(bins for minute, bins in self._bins.items() if start <= minute < end)

    def bins_within(self, stretches: Iterable[tuple[int, int]]) -> WeightedBins:
        return merge(self.bins(start, end) for start, end in stretches)

    def each(self, start: int, end: int) -> Iterator[tuple[int, Sums]]:
        return ((minute, sums) for minute, sums in self._minutes.items() if start <= minute < end)

    def slices(self, start: int, end: int, seconds: int) -> Iterator[SliceCounts]:
        for number in range(start // seconds, -(-end // seconds)):
            found = self.sums(max(start, number * seconds), min(end, (number + 1) * seconds))
            if found.minutes:
                yield number, found.valid, found.bad, found.minutes, found.approximate_minutes

    def day_of_slices(self, start: int, seconds: int, low: int, high: int) -> SliceTally:
        slices = list(self.slices(start, start + 86_400, seconds))
        failed = [each for each in slices if each[1] and Fraction(each[1] - each[2], each[1]) < Fraction(low, high)]
        known = self.sums(start, start + 86_400)
        judged = sum(1 for each in slices if each[1])
        return SliceTally(judged, len(failed), known.minutes, known.approximate_minutes)
