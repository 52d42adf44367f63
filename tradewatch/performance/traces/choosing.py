"""Which raw transactions of an hour stay within its budget. Pure.

Each transaction stands in queues of its name: with those that have an error in their trace, or failed, or whose trace
is telling elsewhere, or else with the rest, in the order of lots; and with all that were measured, the slowest first.
The queues are served in turn, the first of each before the second of any, a more telling queue oftener, until the
budget is spent. So a name that floods or always fails cannot push out the slowest of another.

It is the same choice whatever the order and the steps in which they come: a place in a queue only gets later, so that
what was dropped once would never have been kept.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from tradewatch.performance.traces.choices import KeptFor

# How many of a queue are served in the time of one in a queue with share 1.
_SHARES = {
    KeptFor.NEW: 100,
    KeptFor.ERROR: 12,
    KeptFor.FAILED: 12,
    KeptFor.LINKED: 6,
    KeptFor.SLOW: 3,
    KeptFor.SAMPLE: 2,
}
_ORDER = {queue: at for at, queue in enumerate(KeptFor)}
_EVERYBODY = ""  # what is new stands in one queue, whatever its name

Key = TypeVar("Key", bound=Hashable)
Cutoffs = Mapping[str, Mapping[str, float]]  # {name: {queue: the last place that was served}}


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Key]):
    """`draw` is its lot below 2^63, the smaller the better; `seconds` None: not measured, or not a transaction."""

    key: Key
    name: str
    draw: int
    seconds: float | None = None
    is_new: bool = False
    has_error: bool = False
    is_failed: bool = False
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class Choice(Generic[Key]):
    """`kept` says of each that stays what for. A queue without a cutoff is open to anybody."""

    kept: Mapping[Key, KeptFor]
    cutoffs: Cutoffs


class _Turn(NamedTuple):
    """Sorted by its first fields: when a queue's next is served."""

    when: float
    queue_order: int
    place: float
    draw: int
    key: str  # of two with one lot (parts of one trace) always the same comes first
    queue: KeptFor
    name: str
    candidate: Candidate[Any]


def choose(candidates: Iterable[Candidate[Key]], *, budget: int) -> Choice[Key]:
    """Return at most `budget` of the candidates: the most telling ones."""
    queues = _queues(candidates)
    turns = sorted(turn for waiting in queues.values() for turn in waiting)
    served, left = turns[:budget], turns[budget:]
    kept: dict[Key, KeptFor] = {}
    for turn in served:
        kept.setdefault(turn.candidate.key, reason(turn.candidate, turn.queue))
    return Choice(kept, _cutoffs(queues, served, next_when=left[0].when) if left else {})


def admits(cutoffs: Cutoffs, candidate: Candidate[Key]) -> bool:
    """Return False for one that `choose` would drop, as far as that can be told from what it chose before."""
    for queue, place in _places(candidate):
        last = cutoffs.get(_EVERYBODY if queue is KeptFor.NEW else candidate.name, {}).get(queue)
        if last is None or place <= last:
            return True
    return False


def reason(candidate: Candidate[Key], queue: KeptFor = KeptFor.SAMPLE) -> KeptFor:
    """Return what a candidate that was served in `queue` is kept for, in the words for people."""
    if candidate.is_new:
        return KeptFor.NEW
    if candidate.has_error:
        return KeptFor.ERROR
    if candidate.is_failed:
        return KeptFor.FAILED
    return KeptFor.LINKED if candidate.is_linked else queue


def _places(candidate: Candidate[Key]) -> Iterator[tuple[KeptFor, float]]:
    """Yield the queues that a candidate stands in and where: one by lot, that of the slowest, that of what is new."""
    if candidate.is_new:
        yield KeptFor.NEW, candidate.draw
    if candidate.has_error:
        yield KeptFor.ERROR, candidate.draw
    elif candidate.is_failed:
        yield KeptFor.FAILED, candidate.draw
    elif candidate.is_linked:
        yield KeptFor.LINKED, candidate.draw
    else:
        yield KeptFor.SAMPLE, candidate.draw
    if candidate.seconds is not None:
        yield KeptFor.SLOW, -candidate.seconds


def _queues(candidates: Iterable[Candidate[Key]]) -> dict[tuple[KeptFor, str], list[_Turn]]:
    queues: dict[tuple[KeptFor, str], list[_Turn]] = {}
    for each in candidates:
        for queue, place in _places(each):
            name = _EVERYBODY if queue is KeptFor.NEW else each.name
            turn = _Turn(0.0, _ORDER[queue], place, each.draw, str(each.key), queue, name, each)
            queues.setdefault((queue, name), []).append(turn)
    for (queue, name), waiting in queues.items():
        waiting.sort()
        share = _SHARES[queue]
        queues[queue, name] = [turn._replace(when=(rank + 1) / share) for rank, turn in enumerate(waiting)]
    return queues


def _cutoffs(
    queues: Mapping[tuple[KeptFor, str], list[_Turn]], served: list[_Turn], *, next_when: float
) -> dict[str, dict[str, float]]:
    """Return the last served place of each queue that has no room before the next in turn."""
    last: dict[tuple[KeptFor, str], tuple[int, float]] = {}
    for turn in served:
        count, _ = last.get((turn.queue, turn.name), (0, 0.0))
        last[turn.queue, turn.name] = count + 1, turn.place
    cutoffs: dict[str, dict[str, float]] = {}
    for (queue, name), (count, place) in last.items():
        if count < len(queues[queue, name]) or (count + 1) / _SHARES[queue] > next_when:
            cutoffs.setdefault(name, {})[queue.value] = place
    return cutoffs
