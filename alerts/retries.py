"""When a failed delivery is tried again, and one of which nobody knows whether it arrived. Values in, values out."""

from datetime import timedelta

# Quick at first, for a server that restarts; then patient, for one that is down over a weekend morning.
_DELAYS = [timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 30, 60, 120, 240)]
MAX_ATTEMPTS = len(_DELAYS) + 1
LONGEST_PAUSE = timedelta(hours=12)


def delay_after(attempts: int, *, asked: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after the `attempts`-th failure; None: give up. Never shorter than the receiver `asked`
    for (Retry-After), up to half a day: longer would be never, and nobody would know."""
    if attempts > len(_DELAYS):
        return None
    return max(_DELAYS[attempts - 1], min(asked or timedelta(), LONGEST_PAUSE))


def is_sent_again(*, is_critical: bool, is_end: bool, is_safe: bool, is_over: bool, attempts: int) -> bool:
    """Return whether a message that may have arrived is sent again.

    Where the receiver drops repeats, always; elsewhere a critical one and an end, marked: whoever was told that it
    fires is told that it ended, and an end told twice wakes nobody. Never what was overtaken.
    """
    return (is_safe or is_critical or is_end) and not is_over and attempts < MAX_ATTEMPTS
