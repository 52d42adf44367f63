from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "tradewatch.metrics"
    label = "metrics"
