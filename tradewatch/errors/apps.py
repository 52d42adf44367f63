from django.apps import AppConfig


class ErrorsConfig(AppConfig):
    name = "tradewatch.errors"
    label = "errors"
