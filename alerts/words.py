"""How alerts speak of amounts: `24 min`, `2.1%`, `5.3x`; one line, so that no title can forge a mail header."""

from datetime import UTC, datetime, timedelta


def duration_words(duration: timedelta) -> str:
    seconds = max(0, int(duration.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 1:
        return f"{seconds} s"
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return _two_units(hours, "h", minutes % 60, "min")
    return _two_units(days, "d", hours % 24, "h")


def percent_words(ratio: float) -> str:
    """Return a ratio from 0 to 1 as `2.1%`; below a tenth of a percent with two decimals."""
    decimals = 1 if ratio == 0 or ratio >= 0.001 else 2
    return f"{ratio * 100:.{decimals}f}".removesuffix(".0") + "%"


def number_words(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def seconds_words(seconds: float) -> str:
    """Return a duration as people say latencies: `431 ms`, `2.4 s`, `1 min`."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    return duration_words(timedelta(seconds=seconds))


def counted(count: int, noun: str) -> str:
    """Return `1 alert`, `12,000 alerts`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def moment_words(at: datetime) -> str:
    return f"{at:%H:%M} UTC, {at.day} {at:%b %Y}"


def clock_words(at: datetime, *, now: datetime) -> str:
    """Return `15:20 UTC`, with the day when it is not the one of `now`."""
    at = at.astimezone(UTC)
    return f"{at:%H:%M} UTC" if at.date() == now.astimezone(UTC).date() else moment_words(at)


def one_line(text: str, *, limit: int = 200) -> str:
    """Return `text` without line breaks and control characters, cut to `limit` characters."""
    if not text.isprintable():  # nearly all is, and it is asked of many
        text = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _two_units(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"
