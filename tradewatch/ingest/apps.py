from django.apps import AppConfig

from tradewatch.core.status import add_status_section


class IngestConfig(AppConfig):
    name = "tradewatch.ingest"
    label = "ingest"

    def ready(self) -> None:
        from tradewatch.ingest.edge import edge_stats  # its models exist from here on

        add_status_section("edge", lambda: edge_stats().as_json())
