"""Readings of a latency percentile: minute histograms merged over the window, at most 1% off, never averaged."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from alerts.measures.counted import within
from alerts.measures.ledger import Ledger, Span
from alerts.measures.readings import NOTHING, Reading, Spot
from alerts.models import AlertRule
from alerts.words import duration_words, seconds_words
from tradewatch.metrics.histogram import Bins, percentiles


def read_latency(
    rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    key = ("latency", project_ids, rule.series, rule.quantile, span)
    readings = ledger.once(key, lambda: _all_readings(rule, ledger.histograms(project_ids, rule.series, span), span))
    return {place: readings[place] for place in within(rule.environment, set(readings))}


def _all_readings(
    rule: AlertRule, found: Mapping[Spot, Mapping[int, Bins]], span: Span
) -> Mapping[Spot, Sequence[Reading]]:
    return {place: _readings(rule, minutes, span) for place, minutes in found.items()}


def _readings(rule: AlertRule, minutes: Mapping[int, Bins], span: Span) -> list[Reading]:
    """Slide one merged histogram over the minutes: what comes in is added, what falls out is taken away."""
    moments = sorted(minutes)
    merged: Bins = {}
    readings, first, past = [], 0, 0
    for end in span.ends:
        while past < len(moments) and moments[past] < end:
            _add(merged, minutes[moments[past]], 1)
            past += 1
        while first < past and moments[first] < end - span.seconds:
            _add(merged, minutes[moments[first]], -1)
            first += 1
        readings.append(_reading(rule, merged, span))
    return readings


def _add(merged: Bins, bins: Mapping[int, int], sign: int) -> None:
    for index, count in bins.items():
        merged[index] = merged.get(index, 0) + sign * count
        if not merged[index]:
            del merged[index]


def _reading(rule: AlertRule, merged: Bins, span: Span) -> Reading:
    found = percentiles(merged, [rule.quantile])
    if found is None:
        return NOTHING
    sample = sum(merged.values())
    counts = f"{sample:,} {rule.series} in {duration_words(timedelta(seconds=span.seconds))}"
    return Reading(found[0], sample, f"p{rule.quantile * 100:g} {seconds_words(found[0])}", counts)
