from django.apps import AppConfig

from tradewatch.core.status import add_status_section
from tradewatch.errors.needed import keep_events_of


class DebuggingConfig(AppConfig):
    name = "debugging"
    label = "debugging"

    def ready(self) -> None:
        from debugging.retention import events_in_sessions  # its models exist from here on
        from debugging.storage import storage_status

        keep_events_of("debugging", events_in_sessions)
        add_status_section("debugging", storage_status)
