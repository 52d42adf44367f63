from django.apps import AppConfig

from tradewatch.metrics.markers import add_marker_source


class ReleasesConfig(AppConfig):
    name = "releases"
    label = "releases"

    def ready(self) -> None:
        from releases.deployments.markers import deployment_markers  # its models exist from here on

        add_marker_source("deployments", deployment_markers)
