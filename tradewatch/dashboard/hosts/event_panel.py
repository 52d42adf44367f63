"""On an event's page: what the host that it names did in the minute of the event."""

from datetime import timedelta
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from tradewatch.dashboard.hosts.cards import Bar
from tradewatch.dashboard.hosts.page import mounts_of
from tradewatch.dashboard.ranges import CustomRange
from tradewatch.errors.models import Event
from tradewatch.performance.hosts.queries import figures_at, host_called

AROUND = timedelta(minutes=30)


def event_host_panel(event_id: int) -> SafeString | None:
    """Return the panel; None for an event without a `server_name`, or whose host said nothing then.

    Of the event's own project alone: whoever may see the event may see this.
    """
    event = Event.objects.get(pk=event_id)
    name = event.payload.get("server_name")
    host = host_called(event.project_id, name) if isinstance(name, str) and name else None
    figures = figures_at(host, event.timestamp) if host is not None else []
    if host is None or not figures:
        return None
    plain = {figure.name: figure.value for figure in figures if not figure.attributes}
    fullest = next(iter(mounts_of(figures)), None)
    around = CustomRange(event.timestamp - AROUND, event.timestamp + AROUND).parameters()
    context = {
        "host": host,
        "href": f"{reverse('host', args=[host.pk])}?{urlencode(around)}",
        "bars": (
            Bar("CPU", plain.get("cpu")),
            Bar("Memory", plain.get("memory")),
            Bar(
                "Disk",
                fullest.ratio if fullest else None,
                fullest.style if fullest else "",
                fullest.path if fullest else "",
            ),
        ),
        "load": plain.get("load.ratio"),
    }
    return SafeString(render_to_string("dashboard/hosts/_event.html", context))
