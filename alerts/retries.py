"""When a failed delivery is tried again, and one of which nobody knows whether it arrived. Values in, values out."""

from datetime import timedelta

from alerts.choices import AlertSeverity, AlertState, DeliveryEvent

# Quick at first, for a server that restarts; then patient, for one that is down over a weekend morning.
_DELAYS = [timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 30, 60, 120, 240)]
MAX_ATTEMPTS = len(_DELAYS) + 1


def delay_after(attempts: int, *, asked: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after the `attempts`-th failure; None: give up. Never shorter than the receiver `asked`
    for (Retry-After)."""
    if attempts > len(_DELAYS):
        return None
    return max(_DELAYS[attempts - 1], asked or timedelta())


def is_sent_again(*, severity: AlertSeverity, event: DeliveryEvent, state: AlertState, attempts: int) -> bool:
    """Return whether a mail that may have arrived is sent again: a critical one, unless the alert has ended."""
    is_stale = event == DeliveryEvent.FIRING and state == AlertState.RESOLVED
    return severity == AlertSeverity.CRITICAL and not is_stale and attempts < MAX_ATTEMPTS
