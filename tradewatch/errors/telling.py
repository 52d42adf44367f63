"""Which events of an issue tell least. Pure.

What stays whatever the budget: the first event, the newest, those with the largest documents (most context), the newest
of each release and environment, and what something refers to. The middle is thinned evenly, so that what is left still
shows how the issue went on.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

NEWEST_KEPT = 10
RICHEST_KEPT = 3


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it is weighed. `place`: its release and environment; `size`: bytes of its document as stored."""

    id: int
    at: float  # epoch seconds
    size: int
    place: tuple[int | str | None, str] = (None, "")


def telling(events: Sequence[Stored], *, referred: Collection[int] = ()) -> set[int]:
    """Return the ids of the events that are kept whatever the budget."""
    if not events:
        return set()
    ordered = sorted(events, key=_when)
    newest_of_place = {event.place: event for event in ordered}
    richest = sorted(ordered, key=lambda event: (-event.size, _when(event)))[:RICHEST_KEPT]
    kept = [ordered[0], *ordered[-NEWEST_KEPT:], *richest, *newest_of_place.values()]
    return {event.id for event in kept} | {event.id for event in ordered if event.id in referred}


def least_telling(events: Sequence[Stored], *, most_bytes: int, referred: Collection[int] = ()) -> list[int]:
    """Return the ids of the events that go, oldest first, so that the others take `most_bytes`.

    What is telling stays, even where that alone takes more.
    """
    if sum(event.size for event in events) <= most_bytes:
        return []
    kept = telling(events, referred=referred)
    middle = sorted((event for event in events if event.id not in kept), key=_when)
    left = most_bytes - sum(event.size for event in events if event.id in kept)
    stays = {event.id for event in _spread(middle, left)}
    return [event.id for event in middle if event.id not in stays]


def level(sizes: Sequence[int], budget: int) -> int:
    """Return how much each may have, so that all together have `budget`: what is smaller than that loses nothing."""
    left = budget
    ordered = sorted(sizes)
    for place, size in enumerate(ordered):
        share = max(0, left) // (len(ordered) - place)
        if size > share:
            return share
        left -= size
    return ordered[-1] if ordered else 0


def _spread(events: Sequence[Stored], most_bytes: int) -> list[Stored]:
    """Return as many of the events, evenly over their order, as fit."""
    count = len(events)
    while count > 0:
        chosen = [events[(2 * place + 1) * len(events) // (2 * count)] for place in range(count)]
        size = sum(event.size for event in chosen)
        if size <= most_bytes:
            return chosen
        count = min(count - 1, count * max(0, most_bytes) // size)
    return []


def _when(event: Stored) -> tuple[float, int]:
    return event.at, event.id
