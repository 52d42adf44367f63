"""Whether written time windows hold a moment, and until when."""

from datetime import datetime, timedelta

from tradewatch.calendars.window_text import WindowFault, parse_windows
from tradewatch.calendars.windows import spans_within

LOOK_AHEAD = timedelta(days=8)  # a window that goes on longer is looked at again then


def window_end(written: object, *, now: datetime) -> datetime | None:
    """Return when the windows that hold `now` end; None: none does, or they cannot be read (then deliver)."""
    try:
        windows = parse_windows(written)
    except WindowFault:
        return None
    for span in spans_within(windows, now, now + LOOK_AHEAD):
        if span.holds(now):
            return span.end
    return None
