"""How values of a unit are drawn and said. Pure.

A unit is kept as it was sent; here it becomes a symbol and one factor, the same for a chart, its table and its figures.
"""

from dataclasses import dataclass

PER_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Shown:
    """`symbol` stands at every tick (charts scale `ms`, `s` and `B`); values are multiplied by `factor`."""

    symbol: str
    factor: float = 1.0
    words: str = ""

    def of(self, value: float | None) -> float | None:
        return None if value is None else value * self.factor


_TIMES = {
    "nanosecond": Shown("ms", 1e-6, "time"),
    "microsecond": Shown("ms", 1e-3, "time"),
    "millisecond": Shown("ms", 1.0, "time"),
    "second": Shown("s", 1.0, "time"),
    "minute": Shown("s", 60.0, "time"),
    "hour": Shown("s", 3600.0, "time"),
    "day": Shown("s", 86_400.0, "time"),
    "week": Shown("s", 7 * 86_400.0, "time"),
}
_SIZES = {
    "byte": Shown("B", 1.0, "size"),
    **{
        f"{name}byte": Shown("B", 1000.0**power, "size")
        for power, name in enumerate(("kilo", "mega", "giga", "tera"), 1)
    },
    **{
        f"{name}byte": Shown("B", 1024.0**power, "size")
        for power, name in enumerate(("kibi", "mebi", "gibi", "tebi"), 1)
    },
}
_SHARES = {"ratio": Shown("%", 100.0, "share"), "percent": Shown("%", 1.0, "share")}
KNOWN = {**_TIMES, **_SIZES, **_SHARES}


def shown(unit: str, aggregation: str = "", metric_type: str = "") -> Shown:
    """Return how an aggregation of a metric in this unit is shown: points have no unit, and a rate is a minute's."""
    if aggregation == "count":
        return Shown("", 1.0, "points")
    base = KNOWN.get(unit, Shown(unit))
    if aggregation == "rate":
        return Shown(f"{base.symbol}/min", base.factor * PER_MINUTE, "a minute")
    return base


def said(value: float | None, unit: str, aggregation: str = "") -> str:
    """Return a value in words: `612 ms`, `1.25 s`, `97.4%`, `12.5 USD`; "no data" for none."""
    if value is None:
        return "no data"
    about = shown(unit, aggregation)
    number = value * about.factor
    symbol, suffix = about.symbol.removesuffix("/min"), "/min" if about.symbol.endswith("/min") else ""
    if symbol == "ms" and abs(number) >= 1000:
        number, symbol = number / 1000, "s"
    if symbol == "s":
        return _duration(number) + suffix
    if symbol == "B":
        return _size(number) + suffix
    if symbol == "%":
        return _number(number) + "%" + suffix
    return f"{_number(number)} {symbol}".strip() + suffix


def _duration(seconds: float) -> str:
    for size, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= 2 * size:
            return f"{_number(seconds / size)} {name}"
    return f"{_number(seconds)} s" if abs(seconds) >= 1 or not seconds else f"{_number(seconds * 1000)} ms"


def _size(size: float) -> str:
    for power, name in ((4, "TB"), (3, "GB"), (2, "MB"), (1, "kB")):
        if abs(size) >= 1000**power:
            return f"{_number(size / 1000**power)} {name}"
    return f"{_number(size)} B"


def _number(value: float) -> str:
    """Return three digits or more, without trailing zeros, with a true minus sign."""
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 10 else 3 if size >= 1 else 4
    text = f"{value:,.{digits}f}" if size >= 0.0001 or not size else f"{value:.3g}"
    text = text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return text.replace("-", "−")
