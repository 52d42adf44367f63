"""A sign of life from the clock: beat asks, a worker writes. While it is fresh, whatever is on a clock happens."""

from datetime import datetime, timedelta

from tradewatch.core.models import Pulse

LATE = timedelta(seconds=60)  # it beats every 15 s (see `processes.beat`)
CLOCK = "clock"


def beat(now: datetime, *, name: str = CLOCK) -> None:
    Pulse.objects.update_or_create(name=name, defaults={"at": now})


def last_beat(name: str = CLOCK) -> datetime | None:
    """Return when the clock last ran; None when it never has."""
    return Pulse.objects.filter(name=name).values_list("at", flat=True).first()
