"""Which values a file reads from the environment: the target's secrets, and what was taken out.

Values in, values out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from debugging.choices import SecretPlace
from debugging.exports.shapes import Slot
from debugging.requests.headers import DROPPED, TOKEN

PREFIX = "TRADEWATCH_"
Place = tuple[SecretPlace, str]


@dataclass(frozen=True, slots=True)
class Filling:
    """`lost`: what was taken out and cannot be read from the environment, in words."""

    slots: Sequence[Slot]
    lost: Sequence[str]


def filling_of(removed: Iterable[str], secrets: Iterable[tuple[str, str]]) -> Filling:
    """Return a slot for each of the target's secrets, and for what `removed` names (see `WebRequest`) beside them."""
    places = {_key((SecretPlace(place), name)): True for place, name in secrets}
    lost = []
    for words in removed:
        place = _place_of(words)
        if place is None:
            lost.append(words)
        else:
            places.setdefault(_key(place), False)
    return Filling(list(_named(places)), lost)


def _named(places: dict[Place, bool]) -> Iterator[Slot]:
    taken: set[str] = {f"{PREFIX}TARGET_URL"}
    for (place, name), is_required in places.items():
        variable = _variable(name)
        number = 2
        while variable in taken:
            variable, number = f"{_variable(name)}_{number}", number + 1
        taken.add(variable)
        yield Slot(place, name, variable, is_required)


def _variable(name: str) -> str:
    word = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")[:60]
    return PREFIX + (word or "VALUE")


def _place_of(words: str) -> Place | None:
    kind, _, name = words.partition(" ")
    if kind not in SecretPlace.values or not name:
        return None
    place = SecretPlace(kind)
    if place == SecretPlace.BODY:
        return (place, name) if name.startswith("/") else None
    if place == SecretPlace.HEADER and name.lower() in DROPPED:
        return None
    return (place, name) if place == SecretPlace.QUERY or TOKEN.fullmatch(name) else None


def _key(place: Place) -> Place:
    """Headers go by any case, and are written as most do."""
    kind, name = place
    return (kind, "-".join(each.capitalize() for each in name.split("-"))) if kind == SecretPlace.HEADER else place
