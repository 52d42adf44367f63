"""Minutes of transactions for many askers at once: what targets are made of."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import msgspec

from tradewatch.metrics.models import Resolution
from tradewatch.performance.models import TaggedMinute, TransactionBucket, TransactionGroup
from tradewatch.performance.traces.figures import Within
from tradewatch.performance.traces.weighing import WeightedBins, unpack

_IDS_A_QUERY = 900  # SQLite of old allows 999 parameters
_COLUMNS = ("count", "weighted", "failed", "weighted_failed", "measured", "weighted_measured")

Value = TypeVar("Value", int, str)

_within_decoder = msgspec.msgpack.Decoder(dict[int, Within])


class Asked(NamedTuple):
    """Which transactions. `environment` empty: of all; `name` empty: of every name. With a tag: those that carry it,
    counted since somebody asked for it (`traces.asking`)."""

    project_id: int
    environment: str = ""
    name: str = ""
    tag_key: str = ""
    tag_value: str = ""


@dataclass(slots=True)
class MinuteRow:
    """One bucket of a minute that begins at `start` (epoch seconds); see `TransactionBucket`."""

    start: int
    count: int
    weighted: float
    failed: int
    weighted_failed: float
    measured: int
    weighted_measured: float
    bins: WeightedBins = field(default_factory=dict)
    within: Mapping[int, Within] = field(default_factory=dict)


def rows_of(
    asked: Mapping[int, Asked], start: int, end: int, *, with_durations: bool
) -> Iterator[tuple[Sequence[int], MinuteRow]]:
    """Yield (keys of `asked` whose transactions these are, bucket) for the minutes that begin within [start, end).

    Several buckets make a minute: of releases, environments, operations. Without durations `bins` and `within` are
    left empty.
    """
    columns = (*_COLUMNS, *(("bins", "within") if with_durations else ()))
    tagged = {key: each for key, each in asked.items() if each.tag_key}
    if tagged:
        yield from _tagged_rows(tagged, start, end, columns)
    yield from _group_rows({key: each for key, each in asked.items() if not each.tag_key}, start, end, columns)


def _group_rows(
    asked: Mapping[int, Asked], start: int, end: int, columns: Sequence[str]
) -> Iterator[tuple[Sequence[int], MinuteRow]]:
    keys_of = _groups(asked, start)
    for part in _parts(sorted(keys_of)):
        rows = TransactionBucket.objects.filter(
            group__in=part, resolution=Resolution.MINUTE, start__gte=start, start__lt=end
        )
        for group_id, at, *numbers in rows.values_list("group_id", "start", *columns).iterator():
            yield keys_of[group_id], _row(at, numbers)


def _tagged_rows(
    asked: Mapping[int, Asked], start: int, end: int, columns: Sequence[str]
) -> Iterator[tuple[Sequence[int], MinuteRow]]:
    keys_of: defaultdict[tuple[int, str, str, str], list[tuple[int, str]]] = defaultdict(list)
    for key, each in asked.items():
        keys_of[each.project_id, each.tag_key, each.tag_value, each.name].append((key, each.environment))
    rows = TaggedMinute.objects.filter(
        project_id__in={each.project_id for each in asked.values()},
        tag_key__in={each.tag_key for each in asked.values()},
        tag_value__in={each.tag_value for each in asked.values()},
        start__gte=start,
        start__lt=end,
    )
    place = ("project_id", "tag_key", "tag_value", "name", "environment", "start")
    for project_id, tag_key, tag_value, name, environment, at, *numbers in rows.values_list(
        *place, *columns
    ).iterator():
        wanted = keys_of.get((project_id, tag_key, tag_value, name), ())
        if keys := [key for key, within in wanted if within in ("", environment)]:
            yield keys, _row(at, numbers)


def _groups(asked: Mapping[int, Asked], start: int) -> dict[int, list[int]]:
    """Return {group: keys of those that ask for it}."""
    by_name: defaultdict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    for key, each in asked.items():
        by_name[each.project_id, each.name].append((key, each.environment))
    found: dict[int, list[int]] = {}
    names, projects = {name for _, name in by_name}, {project_id for project_id, _ in by_name}
    for part in _parts(sorted(names)):
        groups = TransactionGroup.objects.filter(
            project__in=projects, name__in=part, last_day__gte=start // Resolution.DAY
        )
        for pk, project_id, name, environment in groups.values_list("pk", "project_id", "name", "environment"):
            if keys := [key for key, wanted in by_name.get((project_id, name), ()) if wanted in ("", environment)]:
                found[pk] = keys
    return found


def _row(at: int, numbers: Sequence[Any]) -> MinuteRow:
    row = MinuteRow(at, *numbers[: len(_COLUMNS)])
    if len(numbers) > len(_COLUMNS):
        bins, within = numbers[len(_COLUMNS) :]
        row.bins, row.within = unpack(bytes(bins)), _within_decoder.decode(within) if within else {}
    return row


def _parts(values: Sequence[Value]) -> Iterable[Sequence[Value]]:
    return (values[start : start + _IDS_A_QUERY] for start in range(0, len(values), _IDS_A_QUERY))
