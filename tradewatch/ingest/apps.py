from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "tradewatch.ingest"
    label = "ingest"
