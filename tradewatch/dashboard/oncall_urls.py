"""/oncall: who is on call, one schedule, one's own part, calendar feeds."""

from django.urls import path

from tradewatch.core.routes import both
from tradewatch.dashboard.views import ical, oncall, oncall_changes, oncall_you

urlpatterns = [
    *both("oncall", oncall.oncall, "oncall"),
    *both("oncall/schedules", oncall.schedules, "oncall-schedules"),
    *both("oncall/<int:schedule_id>", oncall.oncall, "oncall-schedule"),
    *both("oncall/<int:schedule_id>/override", oncall_changes.override, "oncall-override"),
    *both("oncall/you", oncall_you.you, "oncall-you"),
    path("oncall/you/verify/<str:token>", oncall_you.verify, name="oncall-verify"),
    path("oncall/you/actions/<slug:action>", oncall_you.change, name="oncall-you-change"),
    path("oncall/actions/overrides/<int:override_id>/end", oncall_changes.end_override, name="oncall-override-end"),
    path("oncall/feed/<str:secret>.ics", ical.feed, name="oncall-feed"),
]
