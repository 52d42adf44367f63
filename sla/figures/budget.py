"""From counts to a figure: value, budget, state. Exact: fractions of integers, rounded only to be shown. Pure."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from sla.choices import Direction, Indicator, TargetState
from sla.figures.percentiles import percentile, settled
from sla.figures.values import Figures
from sla.minutes.values import UNIT, Sums
from sla.models import TargetVersion
from tradewatch.performance.traces.weighing import WeightedBins


def figures(version: TargetVersion, sums: Sums, bins: WeightedBins, *, expected: int) -> Figures:
    """Return what the counts come to. `expected`: how many minutes count up to now."""
    sli = Fraction(sums.valid - sums.bad, sums.valid) if sums.valid else None
    value, is_met = _value(version, sums, sli, bins)
    allowed = (1 - Fraction(version.objective)) * sums.valid if sums.valid else None
    return Figures(
        sums=sums,
        value=shown(value),
        sli=shown(sli),
        allowed=shown(allowed / UNIT) if allowed is not None else None,
        remaining=shown(_remaining(sums, allowed)),
        state=_state(version, value, is_met),
        coverage=shown(Fraction(sums.minutes, expected)) if expected else None,
        minutes_expected=expected,
        is_approximate=bool(sums.approximate_minutes) or (reports_percentile(version) and value is not None),
    )


def projected(so_far: Figures, *, expected: int) -> Figures:
    """Return the figures of `expected` minutes that go on as those so far did: as many times the counts."""
    if not so_far.minutes_expected:
        return so_far
    times = Fraction(expected, so_far.minutes_expected)
    known = so_far.sums
    counts = (known.valid, known.bad, known.received, known.received_bad, known.minutes, known.approximate_minutes)
    return replace(
        so_far,
        sums=Sums(*(round(count * times) for count in counts)),
        allowed=None if so_far.allowed is None else shown(Fraction(so_far.allowed) * times),
        minutes_expected=expected,
    )


def reports_percentile(version: TargetVersion) -> bool:
    """Return whether the version's value is seconds from a histogram, rather than a ratio."""
    return version.indicator == Indicator.PERCENTILE and not version.slice_seconds


def shown(number: Fraction | None) -> Decimal | None:
    return None if number is None else Decimal(number.numerator) / Decimal(number.denominator)


def _value(
    version: TargetVersion, sums: Sums, sli: Fraction | None, bins: WeightedBins
) -> tuple[Fraction | None, bool]:
    """Return (what is compared with the thresholds, whether the target is met)."""
    target = Fraction(version.target_value)
    if reports_percentile(version):
        measured = percentile(bins, Fraction(str(version.definition["quantile"])))
        is_exact = sli is not None and not sums.approximate_minutes and _counts_its_target(version)
        if measured is not None and sli is not None and is_exact:
            return settled(measured, target, is_within=sli >= Fraction(version.objective))
        return measured, measured is not None and measured <= target
    value = sli if version.direction == Direction.HIGHER or sli is None else 1 - sli
    return value, value is not None and _is_as_good(version, value, target)


def _counts_its_target(version: TargetVersion) -> bool:
    """Return whether good means within the target value, and the objective is the quantile: the counts then decide."""
    threshold = version.definition.get("threshold_seconds")
    return (
        threshold is not None
        and Fraction(str(threshold)) == Fraction(version.target_value)
        and Fraction(str(version.definition["quantile"])) == Fraction(version.objective)
    )


def _state(version: TargetVersion, value: Fraction | None, is_met: bool) -> TargetState:
    """Return the state: at or better than the target is met, warning and critical are reached at equality."""
    if value is None:
        return TargetState.NO_DATA
    if is_met:
        return TargetState.MET
    for threshold, state in (
        (version.critical_threshold, TargetState.CRITICAL),
        (version.warning_threshold, TargetState.WARNING),
    ):
        limit = Fraction(threshold)
        if value == limit or not _is_as_good(version, value, limit):
            return state
    return TargetState.MISSED


def _is_as_good(version: TargetVersion, value: Fraction, limit: Fraction) -> bool:
    return value >= limit if version.direction == Direction.HIGHER else value <= limit


def _remaining(sums: Sums, allowed: Fraction | None) -> Fraction | None:
    if allowed is None:
        return None
    if not allowed:
        return None if sums.bad else Fraction(1)
    return 1 - sums.bad / allowed
