"""A point, what it is counted under, and the sums that points of one minute make. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

import orjson

from tradewatch.metrics.histogram import Bins
from tradewatch.metrics.points.spread import bin_of

COUNTER, GAUGE, DISTRIBUTION = "counter", "gauge", "distribution"
TYPES = (COUNTER, GAUGE, DISTRIBUTION)
OTHER = "<other>"  # what the cap folds values into
MAX_ATTRIBUTES, MAX_ATTRIBUTE_NAME, MAX_ATTRIBUTE_VALUE = 16, 64, 200

Attributes = tuple[tuple[str, str], ...]  # sorted by name


class MetricKey(NamedTuple):
    project_id: int
    environment: str
    name: str
    type: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value at a moment (epoch seconds). A counter's is what it grew by, never negative.

    `attributes` may be any mapping; scalars become text. Names and units must be sound: see `reasons`.
    """

    project_id: int
    environment: str
    name: str
    type: str
    value: float
    at_epoch: float
    unit: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> MetricKey:
        return MetricKey(self.project_id, self.environment[:64], self.name, self.type, self.unit)


@dataclass(slots=True)
class Cell:
    """What the points of one series made in one interval. Cells merge in any order to the same cell.

    `last` is the value of the latest moment; of two at one moment the greater.
    """

    count: int
    sum: float
    min: float
    max: float
    last_at: float
    last: float
    bins: Bins | None = None  # of distributions alone

    def merge(self, other: "Cell") -> None:
        self.count += other.count
        self.sum += other.sum
        self.min = min(self.min, other.min)
        self.max = max(self.max, other.max)
        self.last_at, self.last = max((self.last_at, self.last), (other.last_at, other.last))
        if other.bins:
            if self.bins is None:
                self.bins = {}
            for index, count in other.bins.items():
                self.bins[index] = self.bins.get(index, 0) + count

    def copy(self) -> "Cell":
        bins = None if self.bins is None else dict(self.bins)
        return Cell(self.count, self.sum, self.min, self.max, self.last_at, self.last, bins)


# {metric: {start of the minute: {attributes: cell}}}: what a batch of points comes down to before the database
Gathered = dict[MetricKey, dict[int, dict[Attributes, Cell]]]


def cell_of(value: float, at_epoch: float, metric_type: str) -> Cell:
    bins = {bin_of(value): 1} if metric_type == DISTRIBUTION else None
    return Cell(1, value, value, value, at_epoch, value, bins)


def gather(points: Iterable[MetricPoint]) -> Gathered:
    gathered: Gathered = {}
    for point in points:
        minute = int(point.at_epoch) // 60 * 60
        add_value(gathered, point.key, minute, canonical(point.attributes), point.value, point.at_epoch)
    return gathered


def add_value(
    gathered: Gathered, key: MetricKey, minute: int, attributes: Attributes, value: float, at_epoch: float
) -> None:
    cells = gathered.setdefault(key, {}).setdefault(minute, {})
    new = cell_of(value, at_epoch, key.type)
    if (known := cells.get(attributes)) is None:
        cells[attributes] = new
    else:
        known.merge(new)


def merge_gathered(into: Gathered, more: Gathered) -> None:
    """Add `more` to `into`, whose cells then are its own: those of `more` are not changed."""
    for key, minutes in more.items():
        known_minutes = into.setdefault(key, {})
        for minute, cells in minutes.items():
            known = known_minutes.setdefault(minute, {})
            for attributes, cell in cells.items():
                if (mine := known.get(attributes)) is None:
                    known[attributes] = cell.copy()
                else:
                    mine.merge(cell)


def canonical(attributes: Mapping[str, object]) -> Attributes:
    """Return the attributes as series are told apart by them: texts, sorted, those without a value left out.

    Longer names and values are cut, and of more than 16 attributes the first by name stay.
    """
    pairs = sorted(
        (name[:MAX_ATTRIBUTE_NAME], text[:MAX_ATTRIBUTE_VALUE])
        for name, value in attributes.items()
        if (text := text_of(value)) and name
    )
    return tuple(dict(pairs).items())[:MAX_ATTRIBUTES]


def text_of(value: object) -> str:
    """Return a value as text, the same for equal values of other spelling (2.0 and 2); empty for none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return ", ".join(text_of(each) for each in value)
    return ""


def series_key(attributes: Attributes) -> int:
    """Return the signed 64 bits that stand for these attributes in buckets."""
    digest = blake2b(orjson.dumps(attributes), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
