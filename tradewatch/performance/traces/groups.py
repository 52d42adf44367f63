"""Dimensions: from what transactions and spans are counted under to the ids of those rows, with a bound on how many.

A client that puts ids into names, operations or releases must not fill the aggregates: past the bound what is new is
counted together as `<other>`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import transaction

from tradewatch.core import bulk
from tradewatch.inbox.kept_items import identity_of
from tradewatch.metrics.models import Resolution
from tradewatch.performance.models import SpanGroup, TransactionGroup
from tradewatch.performance.names import OTHER

MOST_TRANSACTION_GROUPS = 5000  # of a project, met since yesterday
MOST_SPAN_GROUPS = 5000
_REMEMBERED = 50_000
ALL = ""  # the name under which all transactions are counted once more


class TransactionPlace(NamedTuple):
    project_id: int
    environment: str
    name: str
    op: str
    release: str


class SpanPlace(NamedTuple):
    project_id: int
    environment: str
    transaction: str
    category: str
    op: str
    description: str


Place = TypeVar("Place", bound=TransactionPlace | SpanPlace)


@dataclass(frozen=True, slots=True)
class Found(Generic[Place]):
    """The group of each place that was asked for, and those places whose group did not exist before."""

    ids: Mapping[Place, int]
    new: frozenset[Place]


def transaction_groups(last_days: Mapping[TransactionPlace, int], *, now: datetime) -> Found[TransactionPlace]:
    """Return the groups of places, made where they are new. `last_days`: the newest day (since the epoch) of each."""
    return _find(TransactionGroup, last_days, _fold_transaction, most=MOST_TRANSACTION_GROUPS, now=now)


def span_groups(last_days: Mapping[SpanPlace, int], *, now: datetime) -> Found[SpanPlace]:
    return _find(SpanGroup, last_days, _fold_span, most=MOST_SPAN_GROUPS, now=now)


def _fold_transaction(place: TransactionPlace) -> TransactionPlace:
    """What it is counted under past the bound; all together stay all together."""
    return place._replace(name=place.name and OTHER, op="", release=OTHER)


def _fold_span(place: SpanPlace) -> SpanPlace:
    return place._replace(transaction=OTHER, op="", description=OTHER)


def _find(
    model: type[TransactionGroup] | type[SpanGroup],
    last_days: Mapping[Place, int],
    fold: Callable[[Place], Place],
    *,
    most: int,
    now: datetime,
) -> Found[Place]:
    ids = _remembered(model, last_days, now=now)
    ids |= _known(model, {place: day for place, day in last_days.items() if place not in ids})
    admitted, folded = _admit(model, sorted(last_days.keys() - ids.keys()), most=most, now=now)
    homes = {place: fold(place) for place in folded}
    days = {place: last_days[place] for place in admitted}
    for place, home in homes.items():
        days[home] = max(days.get(home, 0), last_days[place])
    missing = {home: days[home] for home in homes.values()}
    ids |= _known(model, missing)
    new = _insert(model, {place: day for place, day in days.items() if place not in ids}, now=now)
    ids |= _known(model, {place: day for place, day in days.items() if place not in ids})
    _remember(model, {place: (ids[place], day) for place, day in {**last_days, **days}.items() if place in ids})
    return Found({**ids, **{place: ids[home] for place, home in homes.items()}}, new)


# {place: (id, the newest day that its row is known to have)}, of this process
_memory: dict[type[TransactionGroup] | type[SpanGroup], dict[Any, tuple[int, int]]] = {
    TransactionGroup: {},
    SpanGroup: {},
}


def forget_groups() -> None:
    """Make the next call read the database (in tests, whose rows go without retention)."""
    for remembered in _memory.values():
        remembered.clear()


def _remembered(
    model: type[TransactionGroup] | type[SpanGroup], last_days: Mapping[Place, int], *, now: datetime
) -> dict[Place, int]:
    """Return the ids that need no look: of rows that have their day already, one that retention cannot have reached."""
    memory, yesterday = _memory[model], int(now.timestamp()) // Resolution.DAY - 1
    return {
        place: known[0]
        for place, day in last_days.items()
        if (known := memory.get(place)) is not None and known[1] >= day >= yesterday
    }


def _remember(model: type[TransactionGroup] | type[SpanGroup], found: Mapping[Place, tuple[int, int]]) -> None:
    """Remember them once they are there for good."""
    transaction.on_commit(partial(_note, _memory[model], found))


def _note(memory: dict[Any, tuple[int, int]], found: Mapping[Any, tuple[int, int]]) -> None:
    if len(memory) > _REMEMBERED:
        memory.clear()
    for place, (pk, day) in found.items():
        known = memory.get(place)
        if known is None or known[0] != pk or known[1] < day:
            memory[place] = pk, day


def _known(model: type[TransactionGroup] | type[SpanGroup], last_days: Mapping[Place, int]) -> dict[Place, int]:
    """Return the ids of the groups that exist, kept from deletion until the transaction ends, their last day moved."""
    places = {_identity(place): place for place in last_days}
    rows = model._default_manager.filter(identity__in=list(places)).values_list("identity", "pk", "last_day")
    found, touched = {}, []
    for identity, pk, last_day in rows:
        place = places[identity]
        found[place] = pk
        if last_day < last_days[place]:
            touched.append((pk, last_days[place]))
    bulk.hold_rows(model._meta.db_table, sorted(found.values()))
    bulk.add_existing(model._meta.db_table, ["id"], [], touched, latest=["last_day"])
    return found


def _admit(
    model: type[TransactionGroup] | type[SpanGroup], unknown: Sequence[Place], *, most: int, now: datetime
) -> tuple[list[Place], list[Place]]:
    """Return which of the unknown places get a group, and which are past the bound."""
    yesterday = int(now.timestamp()) // Resolution.DAY - 1
    room = {
        project_id: most - model._default_manager.filter(project=project_id, last_day__gte=yesterday).count()
        for project_id in {place.project_id for place in unknown}
    }
    admitted: list[Place] = []
    folded: list[Place] = []
    for place in unknown:
        room[place.project_id] -= 1
        (admitted if room[place.project_id] >= 0 else folded).append(place)
    return admitted, folded


def _insert(
    model: type[TransactionGroup] | type[SpanGroup], last_days: Mapping[Place, int], *, now: datetime
) -> frozenset[Place]:
    """Insert groups; return the places that were new: another digest may have been here first."""
    if not last_days:
        return frozenset()
    places = {_identity(place): place for place in last_days}
    columns = ["identity", *_columns(model), "first_seen_at", "last_day"]
    rows = [(identity, *place, now, last_days[place]) for identity, place in places.items()]
    inserted = bulk.insert_new(model._meta.db_table, columns, ["identity"], rows)
    return frozenset(places[identity] for (identity,) in inserted)


def _columns(model: type[TransactionGroup] | type[SpanGroup]) -> Iterable[str]:
    names = SpanPlace._fields if model is SpanGroup else TransactionPlace._fields
    return (f'"{name}"' for name in names)  # quoted: `transaction` and `release` are words of SQL


def _identity(place: TransactionPlace | SpanPlace) -> UUID:
    return identity_of(*place)
