"""Readings of a counter: its count, its rate, or its share of another."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from alerts.choices import Aggregate
from alerts.measures.ledger import Ledger, Span
from alerts.measures.readings import NOTHING, Reading, Spot
from alerts.models import AlertRule
from alerts.words import duration_words, number_words, percent_words
from tradewatch.metrics.queries import Totals


def read_metric(
    rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    """Return readings wherever the series was counted within the last day: none in a window is then a true zero."""
    parts = ledger.sums(project_ids, rule.series, span)
    if rule.aggregate == Aggregate.RATIO:
        return _ratios(rule, parts, ledger.sums(project_ids, rule.of_series, span), span)
    places = within(rule.environment, ledger.seen(project_ids, rule.series, span) | set(parts))
    none = [Totals()] * len(span.ends)
    return {place: [_counted(rule, totals, span) for totals in parts.get(place, none)] for place in places}


def within(environment: str, places: set[Spot]) -> set[Spot]:
    """Return the places of an environment; of each when it is empty."""
    return {place for place in places if environment in ("", place.environment)}


def _counted(rule: AlertRule, totals: Totals, span: Span) -> Reading:
    length = duration_words(timedelta(seconds=span.seconds))
    counts = f"{totals.count:,} {rule.series} in {length}"
    if rule.aggregate == Aggregate.PER_MINUTE:
        per_minute = totals.weighted / (span.seconds / 60)
        return Reading(per_minute, totals.count, f"{number_words(per_minute)} {rule.series} a minute", counts)
    return Reading(float(totals.count), totals.count, f"{totals.count:,} {rule.series}", f"in {length}")


def _ratios(
    rule: AlertRule, parts: Mapping[Spot, Sequence[Totals]], wholes: Mapping[Spot, Sequence[Totals]], span: Span
) -> dict[Spot, list[Reading]]:
    none = [Totals()] * len(span.ends)
    return {
        place: [_ratio(rule, *pair, span) for pair in zip(parts.get(place, none), wholes[place], strict=True)]
        for place in within(rule.environment, set(wholes))
    }


def _ratio(rule: AlertRule, part: Totals, whole: Totals, span: Span) -> Reading:
    if not whole.weighted:
        return NOTHING
    ratio = part.weighted / whole.weighted
    length = duration_words(timedelta(seconds=span.seconds))
    counts = f"{part.count:,} {rule.series} / {whole.count:,} {rule.of_series} in {length}"
    return Reading(ratio, whole.count, percent_words(ratio), counts)
