from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "tradewatch.processes"
    label = "processes"
