"""What checks say to Prometheus."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from tradewatch.performance.checks.queries import checks_of, shown_state


def check_families(project_ids: Sequence[int]) -> Iterator[Metric]:
    now = timezone.now()
    counts = Counter((row.project.slug, str(shown_state(row, now))) for row in checks_of(project_ids))
    family = GaugeMetricFamily("tradewatch_checks", "External checks by state.", labels=["project", "state"])
    for labels, count in sorted(counts.items()):
        family.add_metric(labels, count)
    yield family
