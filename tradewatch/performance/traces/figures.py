"""Figures over any set of transactions or spans: counted one by one, merged, and as the columns of a bucket. Pure.

Everything with `weighted` in its name counts each as 1 / its client's sample rate. What people are shown is weighted;
the plain counts say how much of it was really received.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import msgspec

from tradewatch.metrics.histogram import bin_of
from tradewatch.performance.traces.weighing import WeightedBins, add_into, exact, pack, percentiles, unpack

TOLERATED = 4  # times the threshold T: past 4 T a user is frustrated (Apdex technical specification 1.1)

Key = TypeVar("Key")


class Within(NamedTuple):
    """Of `measured` transactions `passed` took no longer than a threshold; exact, both also weighted."""

    measured: int = 0
    weighted_measured: float = 0.0
    passed: int = 0
    weighted_passed: float = 0.0

    def plus(self, other: "Within") -> "Within":
        return Within(
            self.measured + other.measured,
            self.weighted_measured + other.weighted_measured,
            self.passed + other.passed,
            self.weighted_passed + other.weighted_passed,
        )

    @property
    def ratio(self) -> float | None:
        """The share that was fast enough, weighted, from 0.0 to 1.0; None when nothing was measured."""
        return self.weighted_passed / self.weighted_measured if self.weighted_measured else None


@dataclass(slots=True)
class Figures:
    """Transactions added up. `seconds` (weighted), `bins` and `within` {milliseconds: ...} are of those `measured`."""

    count: int = 0
    weighted: float = 0.0
    failed: int = 0
    weighted_failed: float = 0.0
    satisfied: int = 0
    weighted_satisfied: float = 0.0
    tolerating: int = 0
    weighted_tolerating: float = 0.0
    measured: int = 0
    weighted_measured: float = 0.0
    seconds: float = 0.0
    bins: WeightedBins = field(default_factory=dict)
    within: dict[int, Within] = field(default_factory=dict)

    @property
    def failure_ratio(self) -> float | None:
        """The share that failed, weighted, from 0.0 to 1.0; None without transactions: silence is unknown."""
        return self.weighted_failed / self.weighted if self.weighted else None

    @property
    def apdex(self) -> float | None:
        """(satisfied + tolerating / 2) / those with a duration, weighted, from 0.0 to 1.0; None without any."""
        if not self.weighted_measured:
            return None
        return (self.weighted_satisfied + self.weighted_tolerating / 2) / self.weighted_measured

    @property
    def mean_seconds(self) -> float | None:
        return self.seconds / self.weighted_measured if self.weighted_measured else None

    @property
    def coverage(self) -> float | None:
        """The share that was really received, from 0.0 to 1.0: 0.2 at a sample rate of 20%."""
        return self.count / self.weighted if self.weighted else None

    def per_minute(self, interval_seconds: float) -> float:
        """Throughput, weighted, over an interval of that length."""
        return self.weighted * 60.0 / interval_seconds if interval_seconds else 0.0

    def percentile(self, quantile: float) -> float | None:
        """The seconds at a quantile from 0.0 to 1.0, at most 1% off; None when nothing was measured."""
        found = percentiles(self.bins, [quantile])
        return found[0] if found else None

    def percentiles(self, quantiles: Sequence[float]) -> list[float] | None:
        return percentiles(self.bins, quantiles)

    def count_one(
        self,
        seconds: float | None,
        *,
        is_failed: bool,
        weight: float,
        apdex_seconds: float,
        latency_ms: Iterable[int] = (),
    ) -> None:
        """Count one transaction; `seconds` None: it was not measured. A failed one satisfies nobody, however fast."""
        self.count += 1
        self.weighted += weight
        if is_failed:
            self.failed += 1
            self.weighted_failed += weight
        if seconds is None:
            return
        self.measured += 1
        self.weighted_measured += weight
        self.seconds += seconds * weight
        add_into(self.bins, {bin_of(seconds): exact(weight)})
        if not is_failed:
            self._judge(seconds, weight, apdex_seconds)
        for threshold in latency_ms:
            is_within = seconds * 1000 <= threshold
            _add_within(self.within, threshold, Within(1, weight, int(is_within), weight if is_within else 0.0))

    def merge(self, other: "Figures") -> None:
        self.count += other.count
        self.weighted += other.weighted
        self.failed += other.failed
        self.weighted_failed += other.weighted_failed
        self.satisfied += other.satisfied
        self.weighted_satisfied += other.weighted_satisfied
        self.tolerating += other.tolerating
        self.weighted_tolerating += other.weighted_tolerating
        self.measured += other.measured
        self.weighted_measured += other.weighted_measured
        self.seconds += other.seconds
        add_into(self.bins, other.bins)
        for threshold, counted in other.within.items():
            _add_within(self.within, threshold, counted)

    def merge_stored(self, values: Sequence[Any]) -> None:
        """Add a bucket, its columns as `stored` gives them."""
        *numbers, bins, within = values
        found = _within_decoder.decode(within) if within else {}
        counted = {threshold: Within(*each) for threshold, each in found.items()}
        bucket = Figures(*numbers)
        bucket.bins, bucket.within = unpack(bytes(bins)), counted
        self.merge(bucket)

    def stored(self) -> tuple[Any, ...]:
        """Return the columns `TRANSACTION_COLUMNS` of a bucket."""
        within = {threshold: tuple(counted) for threshold, counted in self.within.items()}
        return (*_TRANSACTION_VALUES(self), pack(self.bins), _encode(within) if within else b"")

    def _judge(self, seconds: float, weight: float, threshold: float) -> None:
        if seconds <= threshold:
            self.satisfied += 1
            self.weighted_satisfied += weight
        elif seconds <= TOLERATED * threshold:
            self.tolerating += 1
            self.weighted_tolerating += weight


@dataclass(slots=True)
class SpanFigures:
    """Spans added up. What is not `count` or `failed` is weighted; `exclusive_seconds` is what no child covered."""

    count: int = 0
    weighted: float = 0.0
    failed: int = 0
    seconds: float = 0.0
    exclusive_seconds: float = 0.0
    bins: WeightedBins = field(default_factory=dict)

    @property
    def mean_seconds(self) -> float | None:
        return self.seconds / self.weighted if self.weighted else None

    def percentile(self, quantile: float) -> float | None:
        """The seconds at a quantile from 0.0 to 1.0, at most 1% off; None when there were none."""
        found = percentiles(self.bins, [quantile])
        return found[0] if found else None

    def percentiles(self, quantiles: Sequence[float]) -> list[float] | None:
        return percentiles(self.bins, quantiles)

    def count_some(
        self, spans: int, failed: int, seconds: float, exclusive_seconds: float, bins: Mapping[int, int], weight: float
    ) -> None:
        """Count spans of one transaction, added up: `seconds` is their sum, `bins` {bin: how many}."""
        self.count += spans
        self.weighted += spans * weight
        self.failed += failed
        self.seconds += seconds * weight
        self.exclusive_seconds += exclusive_seconds * weight
        one = exact(weight)
        add_into(self.bins, bins if one == 1 else {index: exact(one * count) for index, count in bins.items()})

    def merge(self, other: "SpanFigures") -> None:
        self.count += other.count
        self.weighted += other.weighted
        self.failed += other.failed
        self.seconds += other.seconds
        self.exclusive_seconds += other.exclusive_seconds
        add_into(self.bins, other.bins)

    def merge_stored(self, values: Sequence[Any]) -> None:
        """Add a bucket, its columns as `stored` gives them."""
        count, weighted, failed, seconds, exclusive_seconds, bins = values
        self.merge(SpanFigures(count, weighted, failed, seconds, exclusive_seconds, unpack(bytes(bins))))

    def stored(self) -> tuple[Any, ...]:
        """Return the columns `SPAN_COLUMNS` of a bucket."""
        return (
            *(self.count, self.weighted, self.failed, self.seconds, self.exclusive_seconds),
            pack(self.bins),
        )


def shares_of_time(seconds: Mapping[Key, float]) -> dict[Key, float]:
    """Return the share of all seconds that each key has, from 0.0 to 1.0; all 0.0 when there are none."""
    everything = sum(seconds.values())
    return {key: each / everything if everything else 0.0 for key, each in seconds.items()}


_TRANSACTION_NUMBERS = (
    *("count", "weighted", "failed", "weighted_failed", "satisfied", "weighted_satisfied"),
    *("tolerating", "weighted_tolerating", "measured", "weighted_measured", "seconds"),
)
TRANSACTION_COLUMNS = (*_TRANSACTION_NUMBERS, "bins", "within")
SPAN_COLUMNS = ("count", "weighted", "failed", "seconds", "exclusive_seconds", "bins")
_TRANSACTION_VALUES = attrgetter(*_TRANSACTION_NUMBERS)

_within_decoder = msgspec.msgpack.Decoder(dict[int, tuple[int, float, int, float]])
_encode = msgspec.msgpack.Encoder().encode


def _add_within(known: dict[int, Within], threshold: int, counted: Within) -> None:
    before = known.get(threshold)
    known[threshold] = counted if before is None else before.plus(counted)
