from django.apps import AppConfig
from django.utils import timezone

from alerts.choices import RuleKind
from tradewatch.core.status import add_status_section
from tradewatch.metrics.exports import add_export
from tradewatch.metrics.own.registry import add_measures


class PerformanceConfig(AppConfig):
    name = "tradewatch.performance"
    label = "performance"

    def ready(self) -> None:
        from alerts.measures.sources import add_source  # its models exist from here on
        from tradewatch.performance.checks.exports import check_families
        from tradewatch.performance.disk.sampling import status
        from tradewatch.performance.hosts.exports import host_families
        from tradewatch.performance.hosts.measures import about_host, read_host_metric
        from tradewatch.performance.own_measures import MEASURES, read_machine
        from tradewatch.performance.prometheus.own import own_families

        add_export("checks", check_families)
        add_export("hosts", host_families)
        add_source(RuleKind.HOST_METRIC, read_host_metric, describe=about_host)
        add_export("tradewatch", own_families)
        add_measures("machine", "Disk and database", MEASURES, read_machine)
        add_status_section("disk", lambda: status(timezone.now()))
