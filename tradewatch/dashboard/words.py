"""How numbers and times read on a page: short, with their unit, with a true minus sign."""

from datetime import timedelta
from decimal import Decimal

from tradewatch.performance.checks.uptime import share_words

NO_DATA = "no data"


def count(value: float | None) -> str:
    """Return `14,800`; under ten a broken number keeps one digit (`0.4`)."""
    if value is None:
        return NO_DATA
    text = f"{value:,.1f}" if abs(value) < 10 and value != int(value) else f"{value:,.0f}"
    return text.replace("-", "−")


def percent(ratio: float | None) -> str:
    """Return `2.1%`: one digit, two below 1%, none at 0 and 100."""
    if ratio is None:
        return NO_DATA
    value = ratio * 100
    if value in (0, 100):
        return f"{value:.0f}%"
    return f"{value:.2f}%" if abs(value) < 1 else f"{value:.1f}%"


def floored_percent(ratio: float | None) -> str:
    """Return `99.93%`, rounded down: what was not good the whole time is never called 100%."""
    return share_words(None if ratio is None else Decimal(repr(ratio)))


def seconds(value: float | None) -> str:
    """Return a measured time: `431 ms`, `1.8 s`."""
    if value is None:
        return NO_DATA
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def size(count_bytes: float) -> str:
    """Return `212 GB`, `1.5 MB`."""
    value = float(count_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB" if value < 10 else f"{value:,.0f} TB"


def span(length: timedelta) -> str:
    """Return `12 s`, `4 min`, `1 h 25 min`, `3 d`: two units at most, and the second only below a day."""
    total = max(int(length.total_seconds()), 0)
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min"
    if total < 86400:
        hours, minutes = divmod(total // 60, 60)
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    days = total // 86400
    return f"{days} d" if days < 60 else f"{days // 30} mo"


def change(now: float | None, before: float | None) -> str:
    """Return `▲ 5.3x`, `▼ 40%`, `unchanged` or empty where there is nothing to compare with."""
    if now is None or not before:
        return ""
    ratio = now / before
    if abs(ratio - 1) < 0.05:
        return "unchanged"
    arrow = "▲" if ratio > 1 else "▼"
    return f"{arrow} {ratio:.1f}x" if ratio >= 2 else f"{arrow} {abs(ratio - 1):.0%}"


def plural(value: int, noun: str) -> str:
    """Return `1 event`, `2,100 events`, `3 deliveries`."""
    many = noun[:-1] + "ies" if noun.endswith("ry") else noun + "s"
    return f"{count(value)} {noun if value == 1 else many}"
