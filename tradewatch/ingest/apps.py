from django.apps import AppConfig

from tradewatch.core.status import add_status_section
from tradewatch.metrics.exports import add_export
from tradewatch.metrics.own.registry import add_measures


class IngestConfig(AppConfig):
    name = "tradewatch.ingest"
    label = "ingest"

    def ready(self) -> None:
        from tradewatch.core.set_back import add_repair
        from tradewatch.ingest.exports import edge_families  # its models exist from here on
        from tradewatch.ingest.own_measures import EDGE, RELAY, read_edge, read_relay
        from tradewatch.ingest.relay import standing
        from tradewatch.ingest.relay.exports import relay_families
        from tradewatch.ingest.relay.set_back import plan_anew
        from tradewatch.ingest.tallying import edge_totals
        from tradewatch.performance.readiness import add_readiness_check

        add_status_section("edge", lambda: edge_totals().as_json())
        add_export("edge", edge_families)
        add_status_section("upstream", standing.status)
        add_export("relay", relay_families)
        add_measures("edge", "Ingest", EDGE, read_edge)
        add_measures("relay", "Relay", RELAY, read_relay)
        add_readiness_check("upstream", standing.readiness)
        add_repair("relay", plan_anew)
