"""/oncall: who is on call, one schedule, one's own part, calendar feeds."""

from django.urls import path

from tradewatch.dashboard.views import ical

urlpatterns = [
    path("oncall/feed/<str:secret>.ics", ical.feed, name="oncall-feed"),
]
