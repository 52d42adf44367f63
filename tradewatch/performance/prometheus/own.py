"""What the platform itself says: its version, and what the projects send."""

from collections.abc import Iterator, Mapping, Sequence

from django.conf import settings
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric

from tradewatch.metrics.queries import totals_by_place
from tradewatch.projects.models import Project

MINUTES = 5
RATES: Mapping[str, tuple[str, str]] = {
    "events": ("tradewatch_errors_per_minute", "Error events a minute"),
    "transactions": ("tradewatch_transactions_per_minute", "Transactions a minute, weighted by their sample rate"),
    "transactions.failed": ("tradewatch_failed_transactions_per_minute", "Failed transactions a minute, weighted"),
}


def own_families(project_ids: Sequence[int]) -> Iterator[Metric]:
    """The version, and rates by project."""
    now = timezone.now()
    yield InfoMetricFamily("tradewatch_build", "The running version.", {"version": settings.VERSION})
    yield from _rates(project_ids, int(now.timestamp()) // 60 * 60)


def _rates(project_ids: Sequence[int], end: int) -> Iterator[Metric]:
    slugs = dict(Project.objects.filter(pk__in=project_ids).values_list("pk", "slug"))
    for series, (name, words) in RATES.items():
        family = GaugeMetricFamily(
            name, f"{words}, over the last {MINUTES} whole minutes.", labels=["project", "environment"]
        )
        found = totals_by_place(project_ids, series, end - MINUTES * 60, end)
        for (project_id, environment), totals in sorted(found.items()):
            family.add_metric([slugs.get(project_id, ""), environment], totals.weighted / MINUTES)
        yield family
