"""The minutes of a promise that nobody asked for before: of its measure, from histograms, or from the source."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sla.choices import Indicator
from sla.measuring import known_measure
from sla.minutes.dense import DenseMinutes
from sla.minutes.loading import load
from sla.minutes.spreads import unpack_hour
from sla.minutes.values import Minutes, Sums
from sla.models import HourSpread, Measure, TargetVersion
from sla.rules import Promise
from sla.sources import source_of
from tradewatch.metrics.histogram import bin_of
from tradewatch.performance.traces.weighing import WeightedBins, weight_above

HOUR, MINUTE = 3600, 60
OF_SECONDS = (Indicator.PERCENTILE, Indicator.LATENCY)


def minutes_for(promise: Promise, current: TargetVersion, start: datetime, now: datetime) -> tuple[Minutes, datetime]:
    """Return the minutes that the promise counts, and since when there are any: `start`, or what the source still has.

    Another threshold alone is read from the histograms of what is counted now, ±1%.
    """
    canonical = source_of(promise.indicator).canonical(promise.definition)
    project, measured = current.target.project, current.measure
    known = known_measure(project, promise.environment, promise.indicator, canonical)
    if known is not None and known.covered_from is not None and known.covered_from <= start:
        return load([known], start, now)[known.pk], start
    if _differs_in_threshold_alone(canonical, promise.environment, measured):
        return _beyond(load([measured], start, now)[measured.pk], measured, canonical, start, now), start
    if known is not None and known == measured:
        return load([known], start, now)[known.pk], start
    return _from_source(promise, canonical, current, start, now)


def _differs_in_threshold_alone(canonical: Mapping[str, Any], environment: str, measured: Measure) -> bool:
    if measured.indicator not in OF_SECONDS or environment != measured.environment:
        return False
    rest = {name: value for name, value in canonical.items() if name != "threshold_seconds"}
    return canonical != measured.definition and rest == {
        name: value for name, value in measured.definition.items() if name != "threshold_seconds"
    }


def _beyond(
    minutes: Minutes, measured: Measure, canonical: Mapping[str, Any], start: datetime, now: datetime
) -> Minutes:
    """Return the same minutes with those bad whose bin lies above the threshold's."""
    limit = bin_of(float(canonical["threshold_seconds"]))
    is_looser = canonical["threshold_seconds"] >= measured.definition["threshold_seconds"]
    low, high = int(start.timestamp()) // MINUTE * MINUTE, int(now.timestamp()) // MINUTE * MINUTE
    shares = dict(_shares_beyond(measured, limit, low // HOUR, high // HOUR))
    found: dict[int, Sums] = {}
    for at, sums in minutes.each(low, high):
        share = 0.0 if is_looser and not sums.bad else shares.get(at, 0.0)
        bad, received_bad = round(sums.valid * share), round(sums.received * share)
        found[at] = Sums(sums.valid, bad, sums.received, received_bad, 1, 1)
    return Rejudged(DenseMinutes.from_counts(found), minutes)


def _shares_beyond(measured: Measure, limit: int, first: int, last: int) -> Iterator[tuple[int, float]]:
    """Yield (start of the minute, share of it above the bin) from the hours' histograms."""
    hours = HourSpread.objects.filter(measure=measured, hour__gte=first, hour__lte=last)
    for hour, data in hours.values_list("hour", "bins").iterator():
        for minute, bins in unpack_hour(bytes(data)).items():
            if bins and max(bins) > limit:
                yield hour * HOUR + minute * MINUTE, float(weight_above(bins, limit)) / float(sum(bins.values()))


class Rejudged:
    """Minutes with other counts; their histograms stay what they were."""

    def __init__(self, counts: DenseMinutes, minutes: Minutes) -> None:
        self.sums, self.each = counts.sums, counts.each
        self.slices, self.day_of_slices = counts.slices, counts.day_of_slices
        self.bins, self.bins_within = minutes.bins, minutes.bins_within


def _from_source(
    promise: Promise, canonical: dict[str, Any], current: TargetVersion, start: datetime, now: datetime
) -> tuple[Minutes, datetime]:
    source = source_of(promise.indicator)
    held = max(start, source.held_from(now))
    asked = Measure(
        pk=0,
        project=current.target.project,
        environment=promise.environment,
        indicator=promise.indicator,
        definition=canonical,
    )
    low, high = int(held.timestamp()) // 60 * 60, int(now.timestamp()) // 60 * 60
    counted = source.read([asked], low, high, now).get(0)
    if counted is None:
        return DenseMinutes.from_counts({}), held
    sums = {
        at: Sums(each.valid, each.bad, each.received, each.received_bad, 1, int(each.is_approximate))
        for at, each in counted.minutes.items()
    }
    bins: dict[int, WeightedBins] = dict(counted.bins)
    return DenseMinutes.from_counts(sums, bins), held
