"""A promise in words, for lists. Pure."""

from decimal import Decimal

from sla.choices import Direction, Indicator, WindowKind
from sla.models import TargetVersion


def promise_words(version: TargetVersion) -> str:
    """Return e.g. `≥ 99.9%, last 30 days` or `p95 ≤ 0.3 s, each month of XNYS sessions`."""
    sign = "≤" if version.direction == Direction.LOWER else "≥"
    is_percentile = version.indicator == Indicator.PERCENTILE
    value = f"{plain(version.target_value)} s" if is_percentile else percent(version.target_value)
    name = f"p{plain(version.objective * 100)} " if is_percentile else ""
    slices = f" of {version.slice_seconds // 60} min slices" if version.slice_seconds else ""
    return f"{name}{sign} {value}{slices}, {window_words(version)}"


def window_words(version: TargetVersion) -> str:
    match version.window:
        case WindowKind.ROLLING:
            return f"last {version.window_days} days"
        case WindowKind.MARKET:
            return f"each {version.window_unit} of {version.market} sessions"
        case _:
            return f"each {version.window_unit} in {version.zone}"


def percent(ratio: Decimal) -> str:
    return f"{plain(ratio * 100)}%"


def plain(number: Decimal) -> str:
    """Return it without zeros at its end and without an exponent."""
    return f"{number.normalize():f}"


def trimmed(text: str) -> str:
    """Return a written number without zeros at the end of its places: `37.60` is `37.6`, `4.00` is `4`, `100` stays."""
    return text.rstrip("0").rstrip(".") if "." in text else text
