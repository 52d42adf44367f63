"""Transactions by a tag that somebody asks for, counted beside their groups from then on, by the minute.

Only the values that were asked for are counted, not all values of a key: a tag full of ids costs nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from tradewatch.core import bulk
from tradewatch.metrics.points.values import text_of
from tradewatch.performance.traces.asking import AskedTag
from tradewatch.performance.traces.figures import TRANSACTION_COLUMNS, Figures
from tradewatch.performance.traces.groups import TransactionPlace

MOST_TAGS, LONGEST = 100, 200
_TABLE = "performance_taggedminute"
_KEY = ("project_id", "tag_key", "tag_value", "name", "environment", "start")


class TaggedPlace(NamedTuple):
    project_id: int
    tag_key: str
    tag_value: str
    name: str
    environment: str


def tags_of(tags: object) -> dict[str, str]:
    """Return the tags of an item as {key: value}: SDKs send an object or a list of pairs. Odd ones are left out."""
    pairs = tags.items() if isinstance(tags, Mapping) else tags if isinstance(tags, list) else ()
    found: dict[str, str] = {}
    for pair in list(pairs)[:MOST_TAGS]:
        if (
            isinstance(pair, tuple | list)
            and len(pair) == 2
            and isinstance(pair[0], str)
            and (text := text_of(pair[1]))
        ):
            found[pair[0][:LONGEST]] = text[:LONGEST]
    return found


def tagged_places(
    place: TransactionPlace, tags: Mapping[str, str], asked: Collection[AskedTag]
) -> Iterator[TaggedPlace]:
    """Yield under what a transaction is counted by its tags."""
    for each in asked:
        if tags.get(each.key) == each.value and each.name in ("", place.name):
            yield TaggedPlace(place.project_id, each.key, each.value, each.name, place.environment)


def add_tagged(minutes: Mapping[tuple[TaggedPlace, int], Figures]) -> None:
    """Add {(place, minute since the epoch): figures} in the caller's transaction. Exact: give each once."""
    rows = {(*place, minute * 60): figures for (place, minute), figures in minutes.items()}
    known = bulk.read_locked(_TABLE, _KEY, TRANSACTION_COLUMNS, list(rows), blank=Figures().stored())
    written = []
    for key, figures in rows.items():
        whole = Figures()
        whole.merge_stored(known[key])
        whole.merge(figures)
        written.append((*key, *whole.stored()))
    bulk.write_locked(_TABLE, _KEY, TRANSACTION_COLUMNS, written)
