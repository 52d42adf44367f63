"""The list of alerts and the page of one."""

from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from alerts.choices import AlertCategory, AlertSeverity, AlertState
from alerts.models import Alert
from alerts.queries import last_end
from tradewatch.core.panels import render_panels
from tradewatch.dashboard.alerting.filters import STATES, narrow, read_filters
from tradewatch.dashboard.alerting.listing import Listing, list_alerts
from tradewatch.dashboard.alerting.page import page_context
from tradewatch.dashboard.pages import Choice, actor_of, may_act, page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.projects.models import Team

SIMULATED = "simulated"  # the label of simulated alerts: whoever asks for it in a matcher sees them


@page
def alerts(request: HttpRequest, scope: Scope) -> HttpResponse:
    """List the alerts that are open, or as `?state=` says; `?match=` takes matchers over their labels."""
    filters, now = read_filters(request.GET.dict()), timezone.now()
    asks_for_simulated = any(each.name == SIMULATED for each in filters.matchers)
    real = _in_scope(scope) if asks_for_simulated else _in_scope(scope).filter(simulated="")
    rows = narrow(real, filters, actor_of(request))
    if filters.faults:
        listing = Listing((), None, False)
    else:
        listing = list_alerts(rows, filters, cursor=request.GET.get("cursor"), now=now)
    may = may_act(request, scope.project_ids)
    context = {
        "filters": filters,
        "blocks": listing.blocks,
        "has_looked_far": listing.has_looked_far,
        "older": _address(scope, filters.values(), cursor=listing.cursor) if listing.cursor else "",
        "tabs": [
            Choice(name, _address(scope, filters.values(state=state)), state == filters.state) for state, name in STATES
        ],
        "severities": AlertSeverity.choices[::-1],
        "categories": AlertCategory.choices,
        "teams": Team.objects.filter(alert__in=_in_scope(scope).exclude(state=AlertState.RESOLVED)).distinct()[:20],
        "hidden": scope.values() | ({"state": filters.state} if filters.state else {}),
        "clear": _address(scope, {"state": filters.state}),
        "quiet_since": None if listing.blocks else last_end(scope.project_ids),
        "may_choose": may and not filters.is_ended,
    }
    return show(request, scope, "dashboard/alerts.html", context, crumb="Alerts")


@page
def alert(request: HttpRequest, scope: Scope, alert_id: int) -> HttpResponse:
    rows = Alert.objects.select_related("project", "rule", "team", "assignee", "classification")
    found = get_object_or_404(rows, pk=alert_id, project__in=scope.projects)
    now = timezone.now()
    context = {
        **page_context(found, may_act=may_act(request, (found.project_id,)), now=now),
        "panels": render_panels("alert", found.pk),
        "mail_folder": "" if settings.EMAIL_HOST else settings.EMAIL_FILE_PATH,
        "length": (found.resolved_at - found.starts_at) if found.resolved_at else None,
        "shows_all": request.GET.get("timeline") == "all",
    }
    crumbs = [("Alerts", reverse("alerts") + scope.query)]
    crumb = f"ALERT-{found.pk}"
    return show(
        request, scope, "dashboard/alert/page.html", context, crumb=crumb, crumbs=crumbs, about=found.project_id
    )


def _in_scope(scope: Scope) -> QuerySet[Alert]:
    rows = Alert.objects.filter(project_id__in=scope.project_ids)
    return rows.filter(environment__in=(scope.environment, "")) if scope.environment else rows


def _address(scope: Scope, values: dict[str, str], *, cursor: str | None = None) -> str:
    named = scope.values() | {name: value for name, value in values.items() if value}
    named |= {"cursor": cursor} if cursor else {}
    return reverse("alerts") + (f"?{urlencode(named)}" if named else "")
