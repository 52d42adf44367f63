"""Readings of the error rate against its own usual: the window's rate as a multiple of the hour's before it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from alerts.measures.counted import within
from alerts.measures.ledger import Ledger, Span
from alerts.measures.readings import NOTHING, Reading, Spot
from alerts.models import AlertRule
from alerts.words import duration_words, number_words, percent_words
from tradewatch.metrics.queries import Totals

BASELINE_SECONDS = 3600
LEAST_MORE = 5  # failures above what is usual: less is chance, whatever the factor


def read_rise(
    rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    """Return how many times its usual the failed share is. A rate with too few failures more than usual reads as 1."""
    before = span.before(BASELINE_SECONDS)
    requests, failed = (ledger.sums(project_ids, name, span) for name in ("transactions", "transactions.failed"))
    usual, usual_failed = (ledger.sums(project_ids, name, before) for name in ("transactions", "transactions.failed"))
    none = [Totals()] * len(span.ends)
    return {
        place: [
            _reading(rule, *four, span)
            for four in zip(
                requests[place],
                failed.get(place, none),
                usual.get(place, none),
                usual_failed.get(place, none),
                strict=True,
            )
        ]
        for place in within(rule.environment, set(requests))
    }


def _reading(
    rule: AlertRule, requests: Totals, failed: Totals, then: Totals, failed_then: Totals, span: Span
) -> Reading:
    if not requests.weighted:
        return NOTHING
    if then.count < max(rule.minimum_count, 1):
        return Reading(None, 0, "What is usual is not known", f"{then.count:,} requests in the hour before")
    rate, usual = failed.weighted / requests.weighted, failed_then.weighted / then.weighted
    # None failed before: as if one had, so that the first failures of a quiet hour are no infinite rise.
    factor = rate / (usual or 1 / then.count)
    if failed.count - usual * requests.count < LEAST_MORE:
        factor = min(factor, 1.0)
    length = duration_words(timedelta(seconds=span.seconds))
    return Reading(
        factor,
        requests.count,
        f"Error rate {percent_words(rate)}, {number_words(factor)}x its usual {percent_words(usual)}",
        f"{failed.count:,} failed / {requests.count:,} requests in {length}, "
        f"{failed_then.count:,} / {then.count:,} in the hour before",
    )
