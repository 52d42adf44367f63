from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from tradewatch.core.panels import render_dashboard_panels
from tradewatch.dashboard.fragments import watched
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.snapshot import View, take_snapshot
from tradewatch.dashboard.views.first_steps import steps_context


def home(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("dashboard"))


@page
def dashboard(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The live page: the same snapshot that its socket sends afterwards, or how to connect while there is none.

    `wall=1` is the same for a screen on a wall: nothing to press, nothing to scroll.
    """
    now = timezone.now()
    snapshot = take_snapshot(View(scope.project_ids, scope.environment, scope.range), now=now)
    is_wall = request.GET.get("wall") == "1"
    context: dict[str, object] = {
        "snapshot": snapshot,
        "scope_words": scope.words,
        "live_url": "/ws/live/" + scope.query,
        "panels": render_dashboard_panels(watched(snapshot, scope)),
        "wall_url": f"{request.path}?{urlencode(scope.values() | {'wall': '1'})}",
        "is_connected": snapshot.is_connected,
        "is_wall": is_wall,
    }
    if not snapshot.is_connected and scope.projects and not is_wall:
        context |= steps_context(request, scope.project or scope.projects[0], now=now)
    template = "dashboard/wall.html" if is_wall else "dashboard/live.html"
    return show(request, scope, template, context, crumb="Dashboard", has_ranges=snapshot.is_connected)
