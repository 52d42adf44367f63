from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "tradewatch.inbox"
    label = "inbox"
