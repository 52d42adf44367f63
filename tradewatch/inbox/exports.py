"""What the queue and its digest say to Prometheus."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.utils import floatToGoString

from tradewatch.core.tallies import Labels, Tallies, read_tallies
from tradewatch.inbox.digest import DigestStats
from tradewatch.inbox.queries import digest_state

SECONDS, TOTAL_SECONDS, ITEMS = "digest.batches", "digest.seconds", "digest.items"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))


def tally_batch(tallies: Tallies, stats: DigestStats, seconds: float) -> None:
    """Count a batch that was digested, in memory."""
    tallies.add(SECONDS, le=floatToGoString(next(bound for bound in BUCKETS if seconds <= bound)))
    tallies.add(TOTAL_SECONDS, seconds)
    for outcome in ("stored", "discarded", "dead"):
        if count := getattr(stats, outcome):
            tallies.add(ITEMS, count, outcome=outcome)


def inbox_families(project_ids: Sequence[int]) -> Iterator[Metric]:
    """What was digested, what became of it, and how long batches took, over all workers. What waits: `own_measures`."""
    digested = digest_state().digested
    yield CounterMetricFamily("tradewatch_digested_envelopes", "Envelopes digested.", value=digested)
    yield from _digest_families()


def _digest_families() -> Iterator[Metric]:
    tallies = read_tallies("digest.")
    items = CounterMetricFamily(
        "tradewatch_digested_items", "Items of envelopes by what became of them.", labels=["outcome"]
    )
    for outcome, count in sorted(tallies.get(ITEMS, {}).items()):
        items.add_metric([dict(outcome)["outcome"]], count)
    yield items
    batches, total = tallies.get(SECONDS, {}), sum(tallies.get(TOTAL_SECONDS, {}).values())
    yield HistogramMetricFamily(
        "tradewatch_digest_batch_seconds", "Seconds that a batch took.", buckets=_cumulative(batches), sum_value=total
    )


def _cumulative(batches: dict[Labels, float]) -> list[tuple[str, float]]:
    by_bound = {dict(labels)["le"]: count for labels, count in batches.items()}
    total, buckets = 0.0, []
    for bound in map(floatToGoString, BUCKETS):
        total += by_bound.get(bound, 0.0)
        buckets.append((bound, total))
    return buckets
