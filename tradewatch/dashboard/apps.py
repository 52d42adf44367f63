from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "tradewatch.dashboard"
    label = "dashboard"
