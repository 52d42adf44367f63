"""What a target may promise: pure checks, each fault under the field it belongs to, with what is expected."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from sla.choices import CalendarUnit, Direction, Indicator, WindowKind
from sla.excluded import excluded_windows
from tradewatch.calendars.wall_clock import zone_named
from tradewatch.calendars.window_text import WindowFault

Faults = dict[str, list[str]]

LONGEST_WINDOW_DAYS = 366
LONGEST_SLICE_SECONDS = 86_400
LONGEST_SECONDS = 86_400
DECIMAL_PLACES = 9
DEFAULT_QUANTILE = "0.95"
VALUES = ("target_value", "warning_threshold", "critical_threshold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """All that a version promises; the rest of it (direction, objective) follows from this."""

    indicator: str
    target_value: Decimal
    warning_threshold: Decimal
    critical_threshold: Decimal
    environment: str = ""
    definition: Mapping[str, Any] = field(default_factory=dict)
    slice_seconds: int | None = None
    slice_target: Decimal | None = None
    counts_empty_slices: bool = False
    window: str = WindowKind.ROLLING
    window_days: int = 30
    window_unit: str = CalendarUnit.MONTH
    zone: str = "UTC"
    market: str = ""
    excluded_times: str = ""
    least_events: int = 0

    @property
    def is_of_seconds(self) -> bool:
        """Whether its value and thresholds are seconds; else ratios."""
        return self.indicator == Indicator.PERCENTILE

    @property
    def direction(self) -> Direction:
        is_lower = self.indicator in (Indicator.PERCENTILE, Indicator.ERROR_RATE)
        return Direction.LOWER if is_lower else Direction.HIGHER

    @property
    def objective(self) -> Decimal:
        """Return the share of good events that is promised: what the budget is measured against."""
        if self.is_of_seconds:
            return Decimal(str(self.definition.get("quantile", DEFAULT_QUANTILE)))
        return 1 - self.target_value if self.direction == Direction.LOWER else self.target_value


PROMISED = tuple(each.name for each in fields(Promise))


def faults_in(promise: Promise, *, markets: Collection[str]) -> Faults:
    """Return {field: [what is expected]}; empty: it may be promised. `markets`: codes of the known calendars.

    What a definition needs is the sources' to say (`sla.sources.definition_faults`).
    """
    found: Faults = {}
    for faults in (_value_faults(promise), _slice_faults(promise), _window_faults(promise, markets)):
        found |= faults
    return found or _order_faults(promise)


def _value_faults(promise: Promise) -> Faults:
    if promise.indicator not in Indicator.values:
        return {"indicator": [f"expected one of {', '.join(Indicator.values)}"]}
    found: Faults = {}
    for name in VALUES:
        if fault := _fault_in_value(getattr(promise, name), is_of_seconds=promise.is_of_seconds):
            found[name] = [fault]
    if "target_value" not in found and not promise.is_of_seconds and not 0 < promise.objective <= 1:
        limit = "below 1" if promise.direction == Direction.LOWER else "above 0"
        found["target_value"] = [f"expected a ratio {limit}: else nothing is promised"]
    return found | _quantile_faults(promise)


def _fault_in_value(value: Decimal, *, is_of_seconds: bool) -> str:
    if not value.is_finite():
        return "expected a number"
    if -int(value.normalize().as_tuple().exponent) > DECIMAL_PLACES:
        return f"expected at most {DECIMAL_PLACES} decimal places"
    if is_of_seconds:
        return "" if 0 < value <= LONGEST_SECONDS else f"expected seconds, above 0 and up to {LONGEST_SECONDS}"
    return "" if 0 <= value <= 1 else "expected a ratio from 0 to 1, e.g. 0.999 for 99.9%"


def _quantile_faults(promise: Promise) -> Faults:
    if not promise.is_of_seconds:
        return {}
    try:
        quantile = promise.objective
    except ArithmeticError:
        quantile = Decimal(0)
    is_right = quantile.is_finite() and 0 < quantile < 1
    return {} if is_right else {"definition": ["quantile: expected a number between 0 and 1, e.g. 0.95"]}


def _order_faults(promise: Promise) -> Faults:
    """Equal ones are in order: a target whose warning comes at once has no `missed`."""
    target, warning, critical = (getattr(promise, name) for name in VALUES)
    if promise.direction == Direction.LOWER:
        target, warning, critical = -target, -warning, -critical
        way, better = "lower is better", "at least"
    else:
        way, better = "higher is better", "at most"
    found: Faults = {}
    if warning > target:
        found["warning_threshold"] = [f"{way}: expected {better} the target, {promise.target_value:f}"]
    if critical > warning:
        found["critical_threshold"] = [f"{way}: expected {better} the warning threshold, {promise.warning_threshold:f}"]
    return found


def _slice_faults(promise: Promise) -> Faults:
    if promise.slice_seconds is None:
        return {} if promise.slice_target is None else {"slice_seconds": ["is needed with slice_target, e.g. 300"]}
    if promise.is_of_seconds:
        return {"slice_seconds": ["expected none: a percentile is of requests, not of slices"]}
    found: Faults = {}
    seconds = promise.slice_seconds
    if not 60 <= seconds <= LONGEST_SLICE_SECONDS or seconds % 60 or LONGEST_SLICE_SECONDS % seconds:
        found["slice_seconds"] = ["expected whole minutes that divide a day: 60, 300, 900, 3600, ..."]
    if promise.slice_target is None:
        found["slice_target"] = ["is needed with slice_seconds: the ratio from which a slice is good, e.g. 0.99"]
    elif fault := _fault_in_value(promise.slice_target, is_of_seconds=False):
        found["slice_target"] = [fault]
    return found


def _window_faults(promise: Promise, markets: Collection[str]) -> Faults:
    found: Faults = {}
    if promise.window not in WindowKind.values:
        found["window"] = [f"expected one of {', '.join(WindowKind.values)}"]
    if not 1 <= promise.window_days <= LONGEST_WINDOW_DAYS:
        found["window_days"] = [f"expected 1 to {LONGEST_WINDOW_DAYS} days"]
    if promise.window_unit not in CalendarUnit.values:
        found["window_unit"] = [f"expected one of {', '.join(CalendarUnit.values)}"]
    if promise.window == WindowKind.MARKET and not promise.market:
        found["market"] = ["is needed for market sessions, e.g. XNYS"]
    elif promise.market and promise.window in WindowKind.values and promise.window != WindowKind.MARKET:
        found["market"] = ["expected none: only the window `market` counts sessions"]
    elif promise.market and promise.market not in markets:
        found["market"] = [f"unknown market: expected one of {', '.join(sorted(markets))}"]
    return found | _time_faults(promise)


def _time_faults(promise: Promise) -> Faults:
    found: Faults = {}
    try:
        zone_named(promise.zone)
    except ValueError as error:
        found["zone"] = [str(error)]
    try:
        excluded_windows(promise.excluded_times)
    except WindowFault as fault:
        found["excluded_times"] = [str(fault)]
    return found
