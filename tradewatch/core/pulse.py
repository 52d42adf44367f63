"""A sign of life from the clock: beat asks, a worker writes. While it is fresh, whatever is on a clock happens."""

from datetime import datetime, timedelta

from tradewatch.core.models import Pulse

LATE = timedelta(seconds=60)  # it beats every 5 s (see `processes.beat`)
CLOCK = "clock"


def beat(now: datetime, *, name: str = CLOCK) -> None:
    Pulse.objects.update_or_create(name=name, defaults={"at": now})


def is_late(last: datetime, *, now: datetime) -> bool:
    """Return whether a sign of life is too old, or of a clock that was ahead and was set back since."""
    return abs(now - last) > LATE


def ago(last: datetime, *, now: datetime) -> str:
    seconds = (now - last).total_seconds()
    return f"{seconds:.0f} s ago" if seconds >= -1 else f"{-seconds:.0f} s in the future: the clock was set back"


def last_beat(name: str = CLOCK) -> datetime | None:
    """Return when the clock last ran; None when it never has."""
    return Pulse.objects.filter(name=name).values_list("at", flat=True).first()
