from django.apps import AppConfig


class PerformanceConfig(AppConfig):
    name = "tradewatch.performance"
    label = "performance"
