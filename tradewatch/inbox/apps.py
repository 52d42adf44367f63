from django.apps import AppConfig

from tradewatch.metrics.exports import add_export


class InboxConfig(AppConfig):
    name = "tradewatch.inbox"
    label = "inbox"

    def ready(self) -> None:
        from tradewatch.inbox.exports import inbox_families  # its models exist from here on

        add_export("inbox", inbox_families)
