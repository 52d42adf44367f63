from django.apps import AppConfig

from tradewatch.core.status import add_status_section
from tradewatch.metrics.exports import add_export
from tradewatch.metrics.markers import add_marker_source


class MetricsConfig(AppConfig):
    name = "tradewatch.metrics"
    label = "metrics"

    def ready(self) -> None:
        from tradewatch.metrics.own.exports import own_measure_families, own_status
        from tradewatch.metrics.release_markers import release_markers  # its models exist from here on

        add_export("own", own_measure_families)
        add_status_section("health", own_status)
        add_marker_source("releases", release_markers)
