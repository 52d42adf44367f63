"""How the pages speak of a target: its promise, its value, its budget. Pure but for reading a version's fields."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from sla.choices import Indicator, TargetState, WindowKind
from sla.figures.budget import reports_percentile
from sla.figures.values import BurnPair, Judged, Period
from sla.minutes.values import UNIT
from sla.models import TargetVersion
from sla.words import trimmed
from tradewatch.dashboard import words

MARKS = {
    TargetState.MET: "ok",
    TargetState.MISSED: "warning",
    TargetState.WARNING: "warning",
    TargetState.CRITICAL: "critical",
    TargetState.NO_DATA: "none",
}
BADGES = {
    TargetState.MET: "ok",
    TargetState.MISSED: "warning",
    TargetState.WARNING: "warning",
    TargetState.CRITICAL: "bad",
    TargetState.NO_DATA: "hollow",
}
MOST_DIGITS = 7
HUNDRED = Decimal(100)
_EDGES = (Decimal(0), HUNDRED)  # nothing reads as none or all while it is not
# what good, bad and all of them are called
_UNITS = {
    Indicator.AVAILABILITY: ("request", "failed"),
    Indicator.ERROR_RATE: ("request", "failed"),
    Indicator.PERCENTILE: ("request", "slow"),
    Indicator.LATENCY: ("request", "slow"),
    Indicator.UPTIME: ("second", "down"),
    Indicator.CUSTOM_RATIO: ("count", "bad"),
    Indicator.CUSTOM_VALUE: ("value", "outside"),
    Indicator.CRASH_FREE: ("session", "crashed"),
    Indicator.DEPLOYMENT: ("deployment", "late or failed"),
    Indicator.ALERT_RESPONSE: ("alert", "late"),
}


def unit_of(version: TargetVersion) -> tuple[str, str]:
    """Return what is counted, and what the bad ones are: ("request", "failed")."""
    return ("slice", "bad") if version.slice_seconds else _UNITS[Indicator(version.indicator)]


def value_words(version: TargetVersion, value: Decimal | None, *, near: Decimal | None = None) -> str:
    """Return `99.929%` or `431 ms`, with as many digits as tell it apart from `near` (the target)."""
    if value is None:
        return words.NO_DATA
    return seconds_words(value, near=near) if reports_percentile(version) else share_words(value, near=near)


def threshold_words(version: TargetVersion, value: Decimal) -> str:
    """Return a promised value as it was written: `99.9%`, `500 ms`."""
    if not reports_percentile(version):
        return exact_share(value)
    return f"{trimmed(f'{value * 1000:,f}')} ms" if value < 1 else f"{trimmed(f'{value:,f}')} s"


def exact_share(ratio: Decimal) -> str:
    return f"{trimmed(f'{ratio * HUNDRED:,f}')}%"


def share_words(ratio: Decimal | None, *, near: Decimal | None = None) -> str:
    """Return a ratio in percent: three digits near 0 and 100%, one elsewhere, more where it would look like `near`."""
    if ratio is None:
        return words.NO_DATA
    percent = ratio * HUNDRED
    least = 3 if abs(percent) < 1 or 99 <= percent < 100 else 1
    return _digits(percent, _EDGES if near is None else (*_EDGES, near * HUNDRED), least) + "%"


def seconds_words(seconds: Decimal, *, near: Decimal | None = None) -> str:
    """Return `431 ms` or `1.83 s`; more digits where it would look like `near`."""
    apart_from = () if near is None else (near,)
    if seconds < 1:
        return _digits(seconds * 1000, [each * 1000 for each in apart_from], 0) + " ms"
    return _digits(seconds, apart_from, 2) + " s"


def _digits(value: Decimal, apart_from: Collection[Decimal], least: int) -> str:
    """Return the number without trailing zeros. It never reads as one of those that it is not."""
    for digits in range(least, MOST_DIGITS):
        shown = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
        if shown == value or shown not in apart_from:
            break
    text = trimmed(f"{shown:,f}")
    return ("0" if text in ("-0", "") else text).replace("-", "−")


def counted(number: int) -> str:
    """Return millionths as a count: `4,103`, `312.5` where weights made parts of one."""
    whole, part = divmod(number, UNIT)
    return f"{whole:,}".replace("-", "−") if not part else _digits(Decimal(number) / UNIT, (), 2)


def whole(number: int) -> str:
    """Return millionths as a count without parts: of what is estimated."""
    return f"{round(number / UNIT):,}"


def of_words(part: int, whole: int) -> str:
    """Return which share of the whole a part is, both in millionths."""
    return share_words(Decimal(part) / whole) if whole else words.NO_DATA


def left_words(remaining: Decimal | None) -> str:
    """Return `29.4% left`, `spent, 12% over` or `no data`."""
    if remaining is None:
        return words.NO_DATA
    if remaining > 0:
        return f"{_digits(remaining * HUNDRED, _EDGES, 1)}% left"
    return "spent" if not remaining else f"spent, {_digits(-remaining * HUNDRED, _EDGES, 1)}% over"


def window_words(version: TargetVersion, period: Period) -> str:
    """Return `the last 30 days`, `2026-11`, `2026-11, XNYS sessions only`."""
    if version.window == WindowKind.ROLLING:
        return f"the last {words.plural(version.window_days, 'day')}"
    market = f", {version.market} sessions only" if version.market else ""
    zone = "" if version.zone == "UTC" or version.market else f", {version.zone}"
    return period_words(period) + market + zone


def period_words(period: Period) -> str:
    """Return `November 2026` of 2026-11; other labels stay as they are."""
    if len(period.label) == 7 and period.label[5:].isdigit():
        return f"{datetime(int(period.label[:4]), int(period.label[5:]), 1, tzinfo=UTC):%B %Y}"
    return period.label


def coverage_words(judged: Judged) -> str:
    """Return `6 of 5,892 min not measured`."""
    figures = judged.adjusted
    missing = figures.minutes_expected - figures.sums.minutes
    if figures.coverage is None:
        return "no time counts yet"
    return f"{missing:,} of {figures.minutes_expected:,} min not measured" if missing else "every minute measured"


def pair_words(pair: BurnPair) -> str:
    """Return `1 h / 5 min`."""
    return " / ".join(words.span(timedelta(seconds=each)) for each in (pair.long_seconds, pair.short_seconds))


def burn_words(burn: Decimal | None) -> str:
    return words.NO_DATA if burn is None else _digits(burn, (), 1)
