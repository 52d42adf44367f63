"""How alerting did: answer times, noisy rules, pages and night pages a person."""

from datetime import time, timedelta
from urllib.parse import urlencode
from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from alerts.replay.nights import Night
from alerts.reports.reading import MOST_ROWS, read_report
from tradewatch.dashboard.pages import Choice, page, show
from tradewatch.dashboard.scope import Scope

LENGTHS = {"7": "7 days", "30": "30 days", "90": "90 days"}


@page
def alert_report(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Show the figures of the last `days` up to now; `zone` is the clock by which a night is told."""
    days = request.GET.get("days", "7")
    days = days if days in LENGTHS else "7"
    zone = request.GET.get("zone", "UTC")
    is_known = zone in available_timezones()
    night = Night(zone if is_known else "UTC", time(22), time(7))
    now = timezone.now()
    since = now - timedelta(days=int(days))
    figures = read_report(scope.project_ids, since, now, night=night)
    kept = scope.values()
    context = {
        "figures": figures,
        "times": [
            ("Time to acknowledge", figures.to_acknowledge, "of the alerts that somebody acknowledged"),
            ("Time to resolve", figures.to_resolve, "of the alerts that ended"),
        ],
        "night": night,
        "zone": zone,
        "zone_fault": "" if is_known else "not a time zone, e.g. Europe/London",
        "since": since,
        "until": now,
        "cut_at": MOST_ROWS if MOST_ROWS in (figures.alerts, figures.pages) else None,
        "lengths": [
            Choice(label, "?" + urlencode({**kept, "days": value, "zone": night.zone}), value == days)
            for value, label in LENGTHS.items()
        ],
        "hidden": {**kept, "days": days},
    }
    crumbs = [("Alerts", reverse("alerts") + scope.query)]
    return show(request, scope, "dashboard/alert_report.html", context, crumb="Report", crumbs=crumbs)
