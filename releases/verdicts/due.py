"""Which looks are due. Values in, values out."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from releases.verdicts.evidence import Stretch
from releases.verdicts.stretches import LOOKS

SETTLES = timedelta(seconds=45)  # after the stretch: by then clients have sent what they had, and it is digested
PATIENCE = timedelta(minutes=30)  # so long a look waits for a backlog of the inbox
LATEST = timedelta(hours=24)  # after the stretch: later, a verdict helps nobody


def looks_missing(taken: Iterable[int]) -> list[int]:
    known = set(taken)
    return [minutes for minutes in LOOKS if minutes not in known]


def is_due(after: Stretch, *, now: datetime, oldest_waiting: datetime | None) -> bool:
    """Return whether the stretch is over and its data is there.

    `oldest_waiting` is when the first envelope came that is not digested yet; None: none waits.
    """
    over_at = after.end + SETTLES
    if not over_at <= now < after.end + LATEST:
        return False
    return oldest_waiting is None or oldest_waiting > over_at or now >= over_at + PATIENCE
