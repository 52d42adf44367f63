"""Recurring times that a target leaves out, as people write them in one line. Pure.

    09:30-09:31 America/New_York; saturday,sunday; 22:00-06:00

Parts are split by semicolons. Each names weekdays, times, both, and a zone where it is not the target's own.
"""

from functools import lru_cache

from tradewatch.calendars.wall_clock import zone_named
from tradewatch.calendars.window_text import WEEKDAYS, WindowFault, parse_window
from tradewatch.calendars.windows import TimeWindow


@lru_cache(maxsize=256)
def excluded_windows(text: str, zone: str) -> tuple[TimeWindow, ...]:
    """Return the windows of a target's `excluded_times`. Raises `WindowFault`, which names the part."""
    parts = [part.strip() for part in text.split(";")]
    return tuple(window for part in parts if part for window in _windows(part, zone))


def _windows(part: str, zone: str) -> list[TimeWindow]:
    written: dict[str, object] = {"zone": zone}
    for word in part.split():
        field = _field(word)
        written[field] = word if field == "zone" else word.split(",")
    if written.keys() == {"zone"}:
        raise WindowFault(f"{part!r}: expected times or weekdays, e.g. 09:30-09:31 America/New_York")
    try:
        return parse_window(written)
    except WindowFault as fault:
        raise WindowFault(f"{part!r}: {fault}") from None


def _field(word: str) -> str:
    if word[0].isdigit():
        return "times"
    if any(name.startswith(word[:3].lower()) for name in WEEKDAYS):
        return "weekdays"
    try:
        zone_named(word)
    except ValueError:
        raise WindowFault(f"{word!r}: expected times such as 22:00-06:00, weekdays or a time zone") from None
    return "zone"
