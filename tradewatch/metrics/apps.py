from django.apps import AppConfig

from tradewatch.metrics.markers import add_marker_source


class MetricsConfig(AppConfig):
    name = "tradewatch.metrics"
    label = "metrics"

    def ready(self) -> None:
        from tradewatch.metrics.release_markers import release_markers  # its models exist from here on

        add_marker_source("releases", release_markers)
