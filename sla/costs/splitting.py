"""Who spent a budget: each slot's bad events are shared out among those that may have caused them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", int, str)
Found = Mapping[int, Mapping[Key, int]]  # {start of a slot: {key: bad events that it had there}}, in millionths


@dataclass(frozen=True, slots=True)
class Slot:
    """What [start, end) (epoch seconds) cost. `bad` is what the budget paid and `events` the bad events it was paid
    for: the same but for timeslices. Both in millionths (`minutes.values.UNIT`)."""

    start: int
    end: int
    bad: int
    events: int


@dataclass(frozen=True, slots=True)
class Part(Generic[Key]):
    """What `key` cost. Of that `shared` lies where others may have been the cause as well, and was divided with them.
    `found` is what it had in all slots, before any was taken from it. `worst_at`: the start of its costliest slot."""

    key: Key
    cost: int
    shared: int
    found: int
    worst_at: int


@dataclass(frozen=True, slots=True)
class Split(Generic[Key]):
    """`whole` = the costs of all parts + `unattributed`, to the last millionth. The costliest part stands first."""

    whole: int
    parts: tuple[Part[Key], ...]
    unattributed: int

    @property
    def shared(self) -> int:
        return sum(part.shared for part in self.parts)


@dataclass(slots=True)
class _Sum:
    cost: int = 0
    shared: int = 0
    found: int = 0
    worst: int = -1
    worst_at: int = 0


def split(slots: Iterable[Slot], found: Found[Key], *, is_certain: bool, fills: bool = False) -> Split[Key]:
    """Share each slot out among the keys found in it.

    A key takes what it had; where all had more than there was, each takes its proportion; what none had stays
    unattributed. `is_certain`: what was found belongs to its key, so it is shared only where it had to be cut.
    `fills`: the keys found explain the whole slot, in proportion (their numbers count more than the slot does).
    """
    sums: dict[Key, _Sum] = {}
    whole = unattributed = 0
    for slot in slots:
        here = {key: number for key, number in found.get(slot.start, {}).items() if number > 0}
        portions, rest = portions_of(slot.bad, slot.events, here, fills=fills)
        whole, unattributed = whole + slot.bad, unattributed + rest
        is_shared = len(here) > 1 and not (is_certain and portions == here)
        for key, number in here.items():
            _add(sums.setdefault(key, _Sum()), slot, portions[key], number, is_shared=is_shared)
    parts = [Part(key, each.cost, each.shared, each.found, each.worst_at) for key, each in sums.items()]
    return Split(whole, tuple(sorted(parts, key=lambda part: (-part.cost, part.key))), unattributed)


def portions_of(bad: int, events: int, here: Mapping[Key, int], *, fills: bool = False) -> tuple[dict[Key, int], int]:
    """Return ({key: its portion of `bad`}, what is left over): integers that add up to `bad`.

    Rounding goes to the largest fractions first, and among equals to the least key.
    """
    total = sum(here.values())
    base = total if fills and total else max(events, total)
    if not base:
        return dict.fromkeys(here, 0), bad
    portions = {key: bad * number // base for key, number in here.items()}
    rest = bad * (base - total) // base
    missing = bad - sum(portions.values()) - rest
    for key in sorted(here, key=lambda key: (-(bad * here[key] % base), key))[:missing]:
        portions[key] += 1
    return portions, bad - sum(portions.values())


def widened(slots: Iterable[Slot], seconds: int) -> list[Slot]:
    """Return the slots joined to wider ones that begin on multiples of `seconds`, in order of time."""
    joined: dict[int, Slot] = {}
    for slot in slots:
        start = slot.start // seconds * seconds
        known = joined.get(start, Slot(start, start + seconds, 0, 0))
        joined[start] = Slot(start, start + seconds, known.bad + slot.bad, known.events + slot.events)
    return [joined[start] for start in sorted(joined)]


def _add(known: _Sum, slot: Slot, portion: int, number: int, *, is_shared: bool) -> None:
    known.cost += portion
    known.shared += portion if is_shared else 0
    known.found += number
    if portion > known.worst:
        known.worst, known.worst_at = portion, slot.start
