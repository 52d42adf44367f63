"""From a verdict a minute to alerts with a start and an end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Streak:
    """A stretch of firing. Moments in epoch seconds; `ended` None: it fires to the end of what was looked at."""

    started: int
    reason: str
    words: str
    count: int = 1
    last: int = 0
    ended: int | None = None


Judged = tuple[int, bool, bool, str, str]  # moment, fires, is known to be fine, reason, words


def streaks(verdicts: Iterable[Judged], *, window_seconds: int) -> Iterator[Streak]:
    """Yield the streaks of verdicts in time order, one a minute.

    One ends at the first minute that is known to be fine a whole window after it last fired: as live.
    """
    current: Streak | None = None
    for at, fires, is_fine, reason, words in verdicts:
        if fires:
            current = (
                replace(current, count=current.count + 1, last=at) if current else Streak(at, reason, words, 1, at)
            )
        elif current and is_fine and at - current.last >= window_seconds:
            yield replace(current, ended=at)
            current = None
    if current:
        yield current
