"""What arrived after a period was closed: told apart, never added."""

from typing import Any, Protocol

from sla.figures.values import Judged
from sla.minutes.values import Minutes, Sums
from sla.models import ClosedPeriod
from sla.reports.numbers import weighted
from tradewatch.calendars.spans import joined


class Counted(Protocol):
    """A judged period with the minutes it was judged from."""

    @property
    def judged(self) -> Judged: ...

    @property
    def minutes(self) -> Minutes: ...


def raw_sums(part: Counted) -> Sums:
    """Return what the sources counted in the whole period, slices or not, excluded or not."""
    total = Sums()
    for span in joined([*part.judged.period.spans, *part.judged.period.excluded]):
        total = total.plus(part.minutes.sums(int(span.start.timestamp()), int(span.end.timestamp())))
    return total


def late_since(closed: ClosedPeriod, part: Counted) -> dict[str, Any] | None:
    """Return how much more there is than when it was closed; None: nothing, or its minutes are past their retention."""
    now = raw_sums(part)
    more = {
        "valid": now.valid - closed.valid,
        "bad": now.bad - closed.bad,
        "received": now.received - closed.received,
        "received_bad": now.received_bad - closed.received_bad,
    }
    if not any(more.values()) or more["received"] < 0:
        return None
    return {name: weighted(value) if name in ("valid", "bad") else value for name, value in more.items()}
