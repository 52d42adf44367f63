"""What the relay says to Prometheus."""

from collections.abc import Iterator, Sequence

from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from tradewatch.ingest.relay.choices import UpstreamState
from tradewatch.ingest.relay.standing import OFF, Stand, own_stands, shared_stand

_AWAY = (UpstreamState.DOWN, UpstreamState.REFUSED)


def relay_families(project_ids: Sequence[int]) -> Iterator[Metric]:
    """By upstream: `SENTRY_DSN`, or a project's own by its slug."""
    now = timezone.now()
    stands = [shared_stand(now), *own_stands(project_ids, now)]
    yield from _gauges([stand for stand in stands if stand.state != OFF or stand.spooled])
    yield from _counters(stands)


def _gauges(stands: Sequence[Stand]) -> Iterator[Metric]:
    up = GaugeMetricFamily("tradewatch_relay_up", "1 while an upstream takes what it is sent.", labels=["upstream"])
    entries = GaugeMetricFamily("tradewatch_relay_spooled", "Envelopes that wait in the spool.", labels=["upstream"])
    size = GaugeMetricFamily("tradewatch_relay_spooled_bytes", "Bytes that wait in the spool.", labels=["upstream"])
    oldest = GaugeMetricFamily(
        "tradewatch_relay_oldest_age_seconds", "Age of the oldest that waits; 0 without any.", labels=["upstream"]
    )
    for stand in stands:
        up.add_metric([stand.name], float(stand.state not in _AWAY))
        entries.add_metric([stand.name], stand.spooled)
        size.add_metric([stand.name], stand.spooled_bytes)
        oldest.add_metric([stand.name], stand.oldest_seconds or 0.0)
    yield from (up, entries, size, oldest)


def _counters(stands: Sequence[Stand]) -> Iterator[Metric]:
    for outcome, words in (
        ("sent", "Envelopes that an upstream took."),
        ("refused", "Envelopes that an upstream refused for good."),
        ("dropped", "Envelopes that a full spool let go of."),
    ):
        family = CounterMetricFamily(f"tradewatch_relay_{outcome}", words, labels=["upstream", "category"])
        for stand in stands:
            for category, count in sorted(getattr(stand, outcome).items()):
                family.add_metric([stand.name, category], count)
        yield family
