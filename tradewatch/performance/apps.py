from django.apps import AppConfig

from tradewatch.metrics.exports import add_export


class PerformanceConfig(AppConfig):
    name = "tradewatch.performance"
    label = "performance"

    def ready(self) -> None:
        from tradewatch.performance.prometheus.own import own_families  # its models exist from here on

        add_export("tradewatch", own_families)
