from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "tradewatch.core"
    label = "core"
