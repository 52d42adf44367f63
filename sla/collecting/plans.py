"""Which stretches of time a tick reads. Pure: epoch seconds in and out, on whole minutes, half open.

What is counted may change late: an SDK sends what it could not send before, a check's outage is confirmed, an alert is
acknowledged. So the newest minutes are read each minute, some hours every ten minutes, two days every hour, and in the
course of a day all that the source still holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MINUTE, HOUR, DAY = 60, 3600, 86_400
EACH_MINUTE, EACH_TEN_MINUTES, EACH_HOUR = 10 * MINUTE, 3 * HOUR, 2 * DAY
CHUNK = 2 * DAY  # read at once, so that a month of a busy measure never lies in memory


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    start: int
    end: int


def newest(now: int, last: int | None) -> Stretch:
    """Return what a tick at `now` reads of a measure that was read until `last` (None: never).

    A tick that comes late does what those before it missed; one after a gap reads all of the gap. One under a clock
    that was set back reads the newest minutes alone.
    """
    back = EACH_MINUTE
    if last is not None:
        if last // (10 * MINUTE) < now // (10 * MINUTE):
            back = EACH_TEN_MINUTES
        if last // HOUR < now // HOUR:
            back = EACH_HOUR
        back = max(back, now - last + EACH_MINUTE)
    return Stretch((now - back) // MINUTE * MINUTE, (now // MINUTE + 1) * MINUTE)


def older(now: int, last: int | None, held_from: int) -> list[Stretch]:
    """Return the days that are read again in this hour: each that is held once in 24 hours, so that no hour has all.

    Empty when a tick of this hour was here before.
    """
    if last is None or last // HOUR >= now // HOUR:
        return []
    hours = range(max(last // HOUR + 1, now // HOUR - 23), now // HOUR + 1)
    wanted = {hour % 24 for hour in hours}
    days = range(held_from // DAY, (now - EACH_HOUR) // DAY + 1)
    found = (Stretch(max(day * DAY, held_from), (day + 1) * DAY) for day in days if day % 24 in wanted)
    return [each for each in found if each.start < each.end]


def chunks(stretch: Stretch) -> Iterator[Stretch]:
    """Yield the stretch in parts that end on midnights, the oldest first."""
    start = stretch.start
    while start < stretch.end:
        end = min((start // DAY + CHUNK // DAY) * DAY, stretch.end)
        yield Stretch(start, end)
        start = end


def backwards(covered_from: int, held_from: int) -> Iterator[Stretch]:
    """Yield what a measure has not been read yet, in parts that end on midnights, the newest first."""
    end = covered_from
    while end > held_from:
        start = max((-(-end // DAY) - CHUNK // DAY) * DAY, held_from)
        yield Stretch(start, end)
        end = start
