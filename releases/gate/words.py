"""How the gate speaks: moments with their zone, lists that stay short. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.words import clock_words, duration_words, one_line
from tradewatch.calendars.wall_clock import zone_named

NAMED = 3


def few(names: Sequence[str], total: int = 0) -> str:
    """Return `a; b; c and 4 more`. `total`: how many there are, where `names` has not all."""
    left = max(total, len(names)) - min(len(names), NAMED)
    said = "; ".join(one_line(name, limit=80) for name in names[:NAMED])
    return f"{said} and {left:,} more" if left else said


def until_words(end: datetime, zone: str, *, now: datetime) -> str:
    """Return `until 14:00 UTC`; in another zone `until Mon 30 Nov 09:00 America/New_York (14:00 UTC, 30 Nov 2026)`."""
    said = clock_words(end, now=now)
    if zone == "UTC":
        return f"until {said}"
    local = end.astimezone(zone_named(zone))
    return f"until {local:%a} {local.day} {local:%b %H:%M} {zone} ({said})"


def margin_words(before: timedelta, after: timedelta) -> str:
    """Return ` with 30 min before and 15 min after each edge`; empty without margins."""
    parts = [f"{duration_words(length)} {side}" for length, side in ((before, "before"), (after, "after")) if length]
    return f" with {' and '.join(parts)} open and close" if parts else ""


def share_words(remaining: float | None) -> str:
    """Return `12.4% left`, `−130% left`: a budget that nothing may touch has no share."""
    if remaining is None:
        return "nothing may fail, and something did"
    return f"{remaining * 100:.1f}".removesuffix(".0").replace("-", "−") + "% left"
