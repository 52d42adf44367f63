"""Which time is looked at, by what is looked for."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LOOKED_BACK = timedelta(days=30)  # as long as minutes and kept transactions are kept
BURSTS_OVER = timedelta(days=7)
HOURS_OVER = timedelta(days=84)  # twelve weeks: a weekday needs that many to stand out


@dataclass(frozen=True, slots=True)
class Window:
    """[start, end) in epoch seconds, on whole minutes; the others end where it does."""

    start: int
    end: int
    bursts_from: int
    hours_from: int

    @property
    def since(self) -> datetime:
        return datetime.fromtimestamp(self.start, UTC)

    @property
    def until(self) -> datetime:
        return datetime.fromtimestamp(self.end, UTC)


def window_until(until: datetime) -> Window:
    """Return the windows that hold the minute of `until`."""
    end = int(until.timestamp()) // 60 * 60 + 60
    starts = (end - int(each.total_seconds()) for each in (LOOKED_BACK, BURSTS_OVER, HOURS_OVER))
    return Window(next(starts), end, next(starts), next(starts) // 3600 * 3600)
