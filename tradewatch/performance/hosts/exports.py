"""What hosts say to Prometheus: how many report. Their own figures are for a node exporter to tell."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from tradewatch.performance.models import Host


def host_families(project_ids: Sequence[int]) -> Iterator[Metric]:
    now = timezone.now()
    rows = Host.objects.filter(project__in=project_ids).select_related("project")
    counts = Counter((host.project.slug, str(host.state(now))) for host in rows)
    family = GaugeMetricFamily("tradewatch_hosts", "Hosts by state.", labels=["project", "state"])
    for labels, count in sorted(counts.items()):
        family.add_metric(labels, count)
    yield family
