"""How exact figures are written: Decimals as plain strings for programs, rounded words for people. Pure."""

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from sla.minutes.values import UNIT
from sla.words import trimmed

NO_DATA = "no data"
PLACES = Decimal("1e-12")
ONE = Decimal(1)


def exact(value: Decimal | None) -> str | None:
    """Return `0.99938`, at most twelve places, never an exponent; None stays None: no data is null."""
    if value is None:
        return None
    text = format(value.quantize(PLACES, rounding=ROUND_HALF_EVEN), "f")
    return trimmed(text)


def weighted(millionths: int) -> str:
    """Return a count in millionths as `7517204` or, where samples were weighted, `7517204.5`."""
    return exact(Decimal(millionths) / UNIT) or "0"


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def count_words(text: str | int | None) -> str:
    """Return `7,517,204`; a weighted count keeps its places, three at most."""
    if text is None:
        return NO_DATA
    value = Decimal(text)
    shown = f"{value:,.0f}" if value == value.to_integral_value() else trimmed(f"{value:,.3f}")
    return shown.replace("-", "−")


def percent_words(text: str | None, against: str | None = None) -> str:
    """Return `99.938%`, as many places (three to nine) as it takes to tell it from `against`, where it differs."""
    if text is None:
        return NO_DATA
    value, other = Decimal(text) * 100, None if against is None else Decimal(against) * 100
    places = 3
    while places < 9 and other is not None and value != other and round(value, places) == round(other, places):
        places += 1
    return trimmed(f"{round(value, places):f}").replace("-", "−") + "%"


def share_words(text: str | None) -> str:
    """Return a share of a budget: `37.6%`, `−6.4%`."""
    return NO_DATA if text is None else f"{Decimal(text) * 100:,.1f}%".replace("-", "−")


def time_words(text: str | None, against: str | None = None) -> str:
    """Return `431 ms` or `1.84 s`, as precise as it takes to tell it from `against`, where it differs."""
    if text is None:
        return NO_DATA
    value, other = Decimal(text), None if against is None else Decimal(against)
    unit, scale, places = ("ms", 1000, 0) if value < 1 else ("s", 1, 2)
    differs = other is not None and value != other
    while differs and places < 6 and round(value * scale, places) == round((other or ONE) * scale, places):
        places += 1
    return f"{trimmed(f'{round(value * scale, places):f}')} {unit}"


def value_words(text: str | None, unit: str, against: str | None = None) -> str:
    return time_words(text, against) if unit == "seconds" else percent_words(text, against)


def length_words(length: timedelta) -> str:
    """Return `743 h`, `22 min`, `1 h 25 min`, `30 d`: exact to the minute."""
    minutes = int(length.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    if not rest and hours >= 48 and hours % 24 == 0:
        return f"{hours // 24} d"
    return " ".join([f"{hours:,} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours))
