"""/alerts/routing: the tree as it is, and where an alert would go. Routes are changed in the admin."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from alerts.matchers import Matcher, matchers_text
from alerts.models import Alert
from tradewatch.dashboard.alerting.matching import read_labels
from tradewatch.dashboard.alerting.tree import count_of, disabled_routes, draw_tree
from tradewatch.dashboard.alerting.trying import Trial, try_labels
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope

OFFERED = 4


@page
def routing(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Show the tree; `?labels=` or `?alert=` asks where they would go now. Asking changes nothing: a GET."""
    now = timezone.now()
    newest = list(_alerts(scope).order_by("-id")[:OFFERED])
    text, fault = _asked(request, scope)
    labels, unreadable = read_labels(text) if text else ({}, "")
    fault = fault or unreadable
    trial: Trial | None = try_labels(labels, now=now) if labels and not fault else None
    tree = draw_tree(scope.project_ids, now=now)
    context = {
        "tree": tree,
        "routes": count_of(tree),
        "disabled": disabled_routes(),
        "labels": text or _example(scope),
        "fault": fault,
        "trial": trial,
        "taking": trial.taking if trial else set(),
        "newest": newest,
        "hidden": scope.values(),
        "may_manage": request.user.has_perm("alerts.change_route"),
    }
    crumbs = [("Alerts", reverse("alerts") + scope.query)]
    status = 400 if fault else 200
    return show(request, scope, "dashboard/routing.html", context, crumb="Routing", crumbs=crumbs, status=status)


def _alerts(scope: Scope) -> QuerySet[Alert]:
    rows = Alert.objects.filter(project_id__in=scope.project_ids)
    return rows.select_related("project", "team", "rule")


def _asked(request: HttpRequest, scope: Scope) -> tuple[str, str]:
    """Return the text of labels that the address asks about, and what is wrong with it."""
    number = request.GET.get("alert", "").strip().upper().removeprefix("ALERT-")
    if not number:
        return request.GET.get("labels", "")[:4000].strip(), ""
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return request.GET.get("labels", "")[:4000].strip(), f"{number[:20]} is no alert: give its number"
    alert = _alerts(scope).filter(pk=int(number)).first()
    if alert is None:
        return "", f"no alert ALERT-{number} that you can see"
    return matchers_text([Matcher(name, "=", value) for name, value in alert.labels.items() if value]), ""


def _example(scope: Scope) -> str:
    project = scope.project or next(iter(scope.projects), None)
    labels = {"severity": "critical", "category": "error", "project": project.slug if project else "default"}
    return matchers_text([Matcher(name, "=", value) for name, value in labels.items()])
