"""Readings of silence: how much of a series came in the window, where some came in the day before."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from alerts.measures.counted import within
from alerts.measures.ledger import DAY, Ledger, Span
from alerts.measures.readings import Reading, Spot
from alerts.models import AlertRule
from alerts.words import duration_words
from tradewatch.metrics.queries import Totals


def read_absence(
    rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    """Return 1 for a window without any, 0 for one with some; its sample is what came in the 24 hours before."""
    usual = ledger.sums(project_ids, rule.series, span.before(DAY))
    counted = ledger.sums(project_ids, rule.series, span)
    none = [Totals()] * len(span.ends)
    return {
        place: [
            _reading(rule, now.count, then.count, span)
            for now, then in zip(counted.get(place, none), usual.get(place, none), strict=True)
        ]
        for place in within(rule.environment, set(usual) | set(counted))
    }


def _reading(rule: AlertRule, count: int, usual: int, span: Span) -> Reading:
    length = duration_words(timedelta(seconds=span.seconds))
    counts = f"{usual:,} in the 24 h before"
    if count:
        return Reading(0.0, max(usual, rule.minimum_count), f"{count:,} {rule.series} in {length}", counts)
    return Reading(1.0, usual, f"No {rule.series} in {length}", counts)
