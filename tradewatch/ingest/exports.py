"""What the edge says to Prometheus."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, Metric

from tradewatch.ingest.tallying import edge_totals


def edge_families(project_ids: Sequence[int]) -> Iterator[Metric]:
    """Requests of SDKs, over all web processes."""
    totals = edge_totals()
    requests = CounterMetricFamily(
        "tradewatch_edge_requests",
        "Requests of SDKs by outcome: accepted, or refused with a status.",
        labels=["outcome", "status"],
    )
    requests.add_metric(["accepted", "2xx"], totals.accepted)
    for status, count in sorted(totals.refused.items()):
        requests.add_metric(["refused", str(status)], count)
    yield requests
    yield CounterMetricFamily(
        "tradewatch_edge_accepted_bytes", "Bytes of accepted requests as they came.", value=totals.accepted_bytes
    )
