"""Storing points, in the caller's transaction (or one of its own). Exact: give each point once.

One read and one write a bucket and batch; rows are locked in the order of their keys, so that two digests never wait
for each other in a circle and never lose a point.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from django.db import transaction

from tradewatch.core import bulk
from tradewatch.metrics import sketch
from tradewatch.metrics.models import Metric, MetricSeries, Resolution
from tradewatch.metrics.points.admission import Admission, Folded
from tradewatch.metrics.points.cells import Bucket
from tradewatch.metrics.points.values import Attributes, Cell, Gathered, MetricKey, MetricPoint, gather, series_key

NAMES_A_PROJECT = 2000  # of metrics in one environment: a client that puts ids into names must not fill the tables
EXAMPLES = 5
_METRIC_KEY = ["project_id", "environment", "name", "type", "unit"]
_BUCKET_KEY = ["metric_id", "resolution", "start"]
_BUCKET_VALUES = ["cells", "bins", "total_bins"]
_FOLD_KEY = ["metric_id", "start", "attribute"]
_FOLD_VALUES = ["points", "registers", "examples"]
_QUERY_KEYS = 400  # SQLite of old allows 999 parameters

BucketKey = tuple[int, int, int]  # metric, resolution, start
Minutes = Mapping[int, Mapping[Attributes, Cell]]


@dataclass(frozen=True, slots=True)
class Stored:
    """How many points were stored, how many the cap folded, and those refused because a project has too many names."""

    points: int = 0
    folded: int = 0
    refused: Mapping[MetricKey, int] = field(default_factory=dict)


def add_points(points: Iterable[MetricPoint]) -> Stored:
    """Add the points to the buckets of their minutes, hours and days, however late they are."""
    return add_gathered(gather(points))


def add_gathered(gathered: Gathered) -> Stored:
    """Like `add_points`, for points that `values.gather` has summed up."""
    if not gathered:
        return Stored()
    with transaction.atomic(savepoint=False):
        ids, refused = _metric_ids(gathered)
        wanted = {ids[key]: minutes for key, minutes in gathered.items() if key in ids}
        folded = _add_to_buckets(wanted)
    points = sum(cell.count for minutes in wanted.values() for cells in minutes.values() for cell in cells.values())
    return Stored(points, folded, refused)


def _metric_ids(gathered: Gathered) -> tuple[dict[MetricKey, int], dict[MetricKey, int]]:
    """Return {metric: id}, of new ones too, and {metric: points} of those that the cap on names keeps out."""
    known = _known_ids(gathered)
    refused = {key: _points_of(gathered[key]) for key in _over_the_cap([key for key in gathered if key not in known])}
    rows = []
    for key, minutes in gathered.items():
        if key not in refused:
            moments = [cell.last_at for cells in minutes.values() for cell in cells.values()]
            rows.append((*key, _points_of(minutes), _moment(max(moments)), _moment(min(moments))))
    bulk.add_up("metrics_metric", _METRIC_KEY, ["points"], rows, latest=["last_seen_at"], earliest=["first_seen_at"])
    if any(key not in known for key in gathered if key not in refused):
        known = _known_ids(gathered)
    return {key: known[key] for key in gathered if key not in refused}, refused


def _known_ids(keys: Iterable[MetricKey]) -> dict[MetricKey, int]:
    names_of: defaultdict[int, set[str]] = defaultdict(set)
    for key in keys:
        names_of[key.project_id].add(key.name)
    known = {}
    for project_id, names in names_of.items():
        for part in _parts(sorted(names)):
            rows = Metric.objects.filter(project_id=project_id, name__in=part).values_list(*_METRIC_KEY, "id")
            known.update({MetricKey(*row[:-1]): row[-1] for row in rows})
    return known


def _over_the_cap(new: Sequence[MetricKey]) -> list[MetricKey]:
    by_place: defaultdict[tuple[int, str], list[MetricKey]] = defaultdict(list)
    for key in sorted(new):
        by_place[key.project_id, key.environment].append(key)
    over = []
    for (project_id, environment), keys in by_place.items():
        room = NAMES_A_PROJECT - Metric.objects.filter(project_id=project_id, environment=environment).count()
        over += keys[max(0, room) :]
    return over


def _add_to_buckets(wanted: Mapping[int, Minutes]) -> int:
    """Merge the cells of {metric: minutes} into their buckets, and return how many points were folded."""
    batch = _Batch(_locked_buckets(wanted))
    for metric, minutes in wanted.items():
        for hour, minutes_of_hour in _by_hour(minutes).items():
            batch.add_hour(metric, hour, minutes_of_hour)
    rows = [(*key, *bucket.packed()) for key, bucket in batch.buckets.items()]
    bulk.write_locked("metrics_metricbucket", _BUCKET_KEY, _BUCKET_VALUES, rows)
    _know_series(batch.series)
    _record_folds(batch.folds)
    return batch.folded_points


@dataclass
class _Batch:
    """The buckets of a batch as they are filled, the series that are new to their day, and what was folded."""

    buckets: dict[BucketKey, Bucket]
    series: dict[tuple[int, int], tuple[Attributes, float]] = field(default_factory=dict)
    folds: dict[tuple[int, int, str], Folded] = field(default_factory=dict)
    folded_points: int = 0

    def add_hour(self, metric: int, hour: int, minutes: Minutes) -> None:
        of_day = self.buckets[metric, int(Resolution.DAY), hour // Resolution.DAY * Resolution.DAY]
        admission = Admission(
            settings.METRIC_SERIES_AN_HOUR,
            set(self.buckets[metric, int(Resolution.HOUR), hour].cells),
            set(of_day.cells),
            partial(attributes_of, metric),
        )
        waiting = [attributes for cells in minutes.values() for attributes in cells]
        for minute, cells in minutes.items():
            for attributes, cell in _placed(cells, admission, waiting).items():
                key = series_key(attributes)
                if key not in of_day.cells:
                    self.series[metric, key] = attributes, cell.last_at
                for resolution in Resolution:
                    self.buckets[metric, int(resolution), minute // resolution * resolution].add(key, cell)
        self.folded_points += admission.folded_points
        self.folds.update({(metric, hour, name): folded for name, folded in admission.folded.items()})


def _locked_buckets(wanted: Mapping[int, Minutes]) -> dict[BucketKey, Bucket]:
    keys = {
        (metric, int(resolution), minute // resolution * resolution)
        for metric, minutes in wanted.items()
        for minute in minutes
        for resolution in Resolution
    }
    stored = bulk.read_locked("metrics_metricbucket", _BUCKET_KEY, _BUCKET_VALUES, list(keys), blank=(b"", b"", b""))
    return {(key[0], key[1], key[2]): Bucket(*map(bytes, values)) for key, values in stored.items()}


def _placed(
    cells: Mapping[Attributes, Cell], admission: Admission, waiting: Sequence[Attributes]
) -> dict[Attributes, Cell]:
    """Return the cells of a minute by the attributes that they are counted under, those folded together merged."""
    placed: dict[Attributes, Cell] = {}
    for attributes, cell in cells.items():
        where = admission.place(attributes, cell.count, waiting)
        if (known := placed.get(where)) is None:
            placed[where] = cell.copy()  # a batch that fails is stored again, from the same cells
        else:
            known.merge(cell)
    return placed


def _by_hour(minutes: Minutes) -> dict[int, dict[int, Mapping[Attributes, Cell]]]:
    by_hour: defaultdict[int, dict[int, Mapping[Attributes, Cell]]] = defaultdict(dict)
    for minute in sorted(minutes):
        by_hour[minute // Resolution.HOUR * Resolution.HOUR][minute] = minutes[minute]
    return by_hour


def attributes_of(metric_id: int, keys: Iterable[int]) -> dict[int, Attributes]:
    """Return {key: attributes} of a metric's series; a key without a row is left out."""
    found = {}
    for part in _parts(sorted(keys)):
        rows = MetricSeries.objects.filter(metric_id=metric_id, key__in=part).values_list("key", "attributes")
        found.update({key: tuple(sorted(attributes.items())) for key, attributes in rows})
    return found


def _know_series(series: Mapping[tuple[int, int], tuple[Attributes, float]]) -> None:
    """Keep the attributes of series that their day has not seen before."""
    rows = [
        (metric, key, dict(attributes), _moment(at_epoch), _moment(at_epoch))
        for (metric, key), (attributes, at_epoch) in sorted(series.items())
    ]
    columns = ["metric_id", "key", "attributes", "first_seen_at", "last_seen_at"]
    new = bulk.insert_new("metrics_metricseries", columns, ["metric_id", "key"], rows)
    bulk.add_existing(
        "metrics_metricseries",
        ["metric_id", "key"],
        [],
        [(metric, key, seen, seen) for metric, key, _, seen, _ in rows if (metric, key) not in new],
        latest=["last_seen_at"],
        earliest=["first_seen_at"],
    )


def _record_folds(folds: Mapping[tuple[int, int, str], Folded]) -> None:
    stored = bulk.read_locked("metrics_metricfold", _FOLD_KEY, _FOLD_VALUES, list(folds), blank=(0, b"", ""))
    rows = []
    for key, folded in folds.items():
        points, registers, examples = stored[key]
        union = sketch.merge([sketch.unpack(bytes(registers)), sketch.registers_of(folded.values)])
        known = json.loads(examples) if examples else []
        shown = [*known, *(value for value in sorted(folded.values) if value not in known)][:EXAMPLES]
        rows.append((*key, points + folded.points, sketch.pack(union), json.dumps(shown)))
    bulk.write_locked("metrics_metricfold", _FOLD_KEY, _FOLD_VALUES, rows)


def _points_of(minutes: Minutes) -> int:
    return sum(cell.count for cells in minutes.values() for cell in cells.values())


def _moment(at_epoch: float) -> datetime:
    return datetime.fromtimestamp(at_epoch, UTC)


def _parts(values: Sequence[str] | Sequence[int]) -> Iterable[Sequence[str] | Sequence[int]]:
    return (values[start : start + _QUERY_KEYS] for start in range(0, len(values), _QUERY_KEYS))
