from django.apps import AppConfig

from tradewatch.metrics.exports import add_export
from tradewatch.metrics.own.registry import add_measures


class InboxConfig(AppConfig):
    name = "tradewatch.inbox"
    label = "inbox"

    def ready(self) -> None:
        from tradewatch.inbox.exports import inbox_families  # its models exist from here on
        from tradewatch.inbox.own_measures import MEASURES, read_inbox

        add_export("inbox", inbox_families)
        add_measures("inbox", "Inbox and digest", MEASURES, read_inbox)
