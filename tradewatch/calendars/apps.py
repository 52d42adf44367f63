from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "tradewatch.calendars"
    label = "calendars"
