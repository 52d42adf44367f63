"""The list of alerts and the page of one."""

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from alerts.choices import AlertState
from alerts.models import Alert
from alerts.queries import deliveries_of, open_alerts, timeline_of
from tradewatch.core.paging import read_page
from tradewatch.core.panels import render_panels
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope

PAGE_SIZE = 50
MAX_ENTRIES = 200
ORDER = ("-starts_at", "-id")


@page
def alerts(request: HttpRequest, scope: Scope) -> HttpResponse:
    """List the alerts that fire or are acknowledged, or with `?state=resolved` those that ended."""
    shows_ended = request.GET.get("state") == AlertState.RESOLVED
    rows = _ended(scope) if shows_ended else open_alerts(scope.project_ids, scope.environment or None)
    found = read_page(rows, order=ORDER, cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    context = {"alerts": found.rows, "shows_ended": shows_ended, "cursor": found.next}
    return show(request, scope, "dashboard/alerts.html", context, crumb="Alerts")


@page
def alert(request: HttpRequest, scope: Scope, alert_id: int) -> HttpResponse:
    rows = Alert.objects.select_related("project", "rule", "previous")
    found = get_object_or_404(rows, pk=alert_id, project__in=scope.projects)
    context = {
        "alert": found,
        "timeline": timeline_of(found)[:MAX_ENTRIES],
        "deliveries": deliveries_of(found)[:MAX_ENTRIES],
        "panels": render_panels("alert", found.pk),
        "mail_folder": "" if settings.EMAIL_HOST else settings.EMAIL_FILE_PATH,
        "length": (found.resolved_at - found.starts_at) if found.resolved_at else None,
    }
    crumbs = [("Alerts", reverse("alerts") + scope.query)]
    crumb = f"ALERT-{found.pk}"
    return show(request, scope, "dashboard/alert.html", context, crumb=crumb, crumbs=crumbs, about=found.project_id)


def _ended(scope: Scope) -> QuerySet[Alert]:
    rows = Alert.objects.filter(project_id__in=scope.project_ids, state=AlertState.RESOLVED).select_related("project")
    return rows.filter(environment__in=(scope.environment, "")) if scope.environment else rows
