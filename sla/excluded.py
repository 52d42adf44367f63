"""Recurring times that a target leaves out, as a person writes them: `09:30-09:31, 15:59-16:00 America/New_York`."""

from tradewatch.calendars.window_text import WindowFault, parse_window
from tradewatch.calendars.windows import TimeWindow

EXPECTED = "expected times and their zone, e.g. 09:30-09:31, 15:59-16:00 America/New_York"


def excluded_windows(text: str) -> list[TimeWindow]:
    """Return the windows that `text` leaves out, none for an empty one; parts are parted by semicolons.

    Weekdays may stand first: `saturday:sunday 00:00-24:00 Europe/London`. Raises `WindowFault`.
    """
    return [window for part in text.split(";") if part.strip() for window in _windows_of(part)]


def _windows_of(part: str) -> list[TimeWindow]:
    words = part.replace(",", " ").split()
    times = [word for word in words if word[0].isdigit()]
    first = words.index(times[0]) if times else 0
    weekdays, zone = words[:first], words[first + len(times) :]
    if not times or len(zone) != 1 or words[first : first + len(times)] != times:
        raise WindowFault(EXPECTED)
    return parse_window({"times": times, "weekdays": weekdays, "zone": zone[0]})
