from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from tradewatch.dashboard.first_steps import first_steps
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.snapshot import View, take_snapshot


def home(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("dashboard"))


@page
def dashboard(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The live page: the same snapshot that its socket sends afterwards, or how to connect while there is none."""
    snapshot = take_snapshot(View(scope.project_ids, scope.environment, scope.range), now=timezone.now())
    context: dict[str, object] = {
        "snapshot": snapshot,
        "scope_words": scope.words,
        "live_url": "/ws/live/" + scope.query,
    }
    if not snapshot.is_connected and scope.projects:
        context["first"] = first_steps(scope.project or scope.projects[0])
    return show(request, scope, "dashboard/live.html", context, crumb="Dashboard", has_ranges=snapshot.is_connected)
