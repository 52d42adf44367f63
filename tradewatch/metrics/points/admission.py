"""The cap on a metric's series an hour: which attributes a point is counted under once there are too many. Pure.

What is over the cap loses the attribute with the most values (an order id, say) and keeps the others, so that a chart
by venue stays right. Sums, counts and percentiles of the metric are whole in any case.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tradewatch.metrics.points.values import OTHER, Attributes, series_key

DAYS_SHARE = 4  # a day holds at most so many times the series of an hour, or its rollup would grow without end
FOLDED_SHARE, FEWEST_FOLDED = 10, 10  # an hour holds a tenth of its cap of partly folded series, or ten


@dataclass(slots=True)
class Folded:
    """What was folded of one attribute: how many points, and which values."""

    points: int = 0
    values: set[str] = field(default_factory=set)


@dataclass
class Admission:
    """Admits series to one hour of one metric. `hour` and `day` are the keys that their buckets hold already.

    First come, first served. `attributes_of` is asked once, when the cap is reached: it returns the attributes of the
    keys of the hour.
    """

    cap: int
    hour: set[int]
    day: set[int]
    attributes_of: Callable[[set[int]], Mapping[int, Attributes]]
    folded_points: int = 0
    folded: dict[str, Folded] = field(default_factory=lambda: defaultdict(Folded))
    _widest: list[str] | None = None
    _folded_series: int = 0

    def place(self, attributes: Attributes, count: int, waiting: Iterable[Attributes]) -> Attributes:
        """Return the attributes that `count` points with `attributes` are counted under.

        `waiting` are those of all points of the batch: they show which attribute has too many values.
        """
        key = series_key(attributes)
        if key in self.hour or self._has_room(key):
            self._enter(key)
            return attributes
        return self._fold(attributes, count, waiting)

    def _has_room(self, key: int) -> bool:
        return len(self.hour) < self.cap and (key in self.day or len(self.day) < DAYS_SHARE * self.cap)

    @property
    def _folded_room(self) -> int:
        return max(FEWEST_FOLDED, self.cap // FOLDED_SHARE)

    def _enter(self, key: int) -> None:
        self.hour.add(key)
        self.day.add(key)

    def _fold(self, attributes: Attributes, count: int, waiting: Iterable[Attributes]) -> Attributes:
        kept = dict(attributes)
        self.folded_points += count
        for name in self._by_width(waiting):
            if name not in kept:
                continue
            folded = self.folded[name]
            folded.points += count
            folded.values.add(kept[name])
            kept[name] = OTHER
            candidate = tuple(kept.items())
            key = series_key(candidate)
            if key in self.hour:
                return candidate
            if self._folded_series < self._folded_room:
                self._folded_series += 1
                self._enter(key)
                return candidate
        return self._fold_all(kept)

    def _fold_all(self, kept: dict[str, str]) -> Attributes:
        """The last resort: one series for each set of names, and one for all where even those are too many."""
        candidate: Attributes = tuple((name, OTHER) for name in kept)
        key = series_key(candidate)
        if key not in self.hour and self._folded_series >= 2 * self._folded_room:
            candidate = ((OTHER, OTHER),)
            key = series_key(candidate)
        elif key not in self.hour:
            self._folded_series += 1
        self._enter(key)
        return candidate

    def _by_width(self, waiting: Iterable[Attributes]) -> list[str]:
        """Return the names of attributes, that with the most values first."""
        if self._widest is None:
            known = self.attributes_of(self.hour).values()
            self._folded_series = sum(1 for pairs in known if any(value == OTHER for _, value in pairs))
            distinct = {pair for attributes in (*known, *waiting) for pair in attributes}
            widths = Counter(name for name, _ in distinct)
            self._widest = sorted(widths, key=lambda name: (-widths[name], name))
        return self._widest
