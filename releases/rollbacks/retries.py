"""When CI is told again of a rollback that it did not take. Values in, values out."""

from datetime import timedelta

# Quick at first: somebody waits. After an hour nobody does any more: the page says so, and a person decides.
_WAITS = [timedelta(seconds=each) for each in (5, 15, 30, 60, 120, 300, 600, 900, 900, 900)]
MAX_TRIES = len(_WAITS) + 1
LONGEST_ASKED = timedelta(minutes=15)


def wait_after(tries: int, *, asked: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after the `tries`-th failure; None: give up.

    Never shorter than the receiver `asked` for (Retry-After), up to a quarter of an hour.
    """
    if tries >= MAX_TRIES:
        return None
    return max(_WAITS[tries - 1], min(asked or timedelta(), LONGEST_ASKED))
