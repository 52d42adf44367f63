from django.apps import AppConfig

from tradewatch.core.status import add_status_section
from tradewatch.errors.needed import keep_events_of
from tradewatch.metrics.own.registry import add_measures


class DebuggingConfig(AppConfig):
    name = "debugging"
    label = "debugging"

    def ready(self) -> None:
        from debugging.own_measures import MEASURES, read_batches  # its models exist from here on
        from debugging.retention import events_in_sessions
        from debugging.storage import storage_status

        keep_events_of("debugging", events_in_sessions)
        add_measures("debugging", "Debugging", MEASURES, read_batches)
        add_status_section("debugging", storage_status)
