"""What the buttons do: one POST, one service, then back to where the button was. The services enforce roles."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from alerts.models import Alert
from alerts.services import acknowledge_alert, resolve_alert
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault
from tradewatch.dashboard.pages import actor_of, refuse, staff_only
from tradewatch.errors.models import Issue
from tradewatch.errors.services import ignore_issue, reopen_issue, resolve_issue
from tradewatch.errors.trial import send_test_event
from tradewatch.projects.access import visible_projects

Act = Callable[[Actor, Any], Any]

ALERT_ACTIONS: dict[str, tuple[Act, str]] = {
    "acknowledge": (acknowledge_alert, "Acknowledged"),
    "resolve": (resolve_alert, "Resolved"),
}
ISSUE_ACTIONS: dict[str, tuple[Act, str]] = {
    "resolve": (resolve_issue, "Resolved"),
    "ignore": (ignore_issue, "Ignored"),
    "reopen": (reopen_issue, "Opened again"),
}


@staff_only
@require_POST
def act_on_alert(request: HttpRequest, alert_id: int, action: str) -> HttpResponseRedirect:
    actor = actor_of(request)
    return _act(
        request,
        actor,
        ALERT_ACTIONS,
        action,
        get_object_or_404(Alert, pk=alert_id, project__in=visible_projects(actor)),
    )


@staff_only
@require_POST
def act_on_issue(request: HttpRequest, issue_id: int, action: str) -> HttpResponseRedirect:
    actor = actor_of(request)
    return _act(
        request,
        actor,
        ISSUE_ACTIONS,
        action,
        get_object_or_404(Issue, pk=issue_id, project__in=visible_projects(actor)),
    )


@staff_only
@require_POST
def test_event(request: HttpRequest, project_id: int) -> HttpResponseRedirect:
    """Queue a test error of the project; the page it was asked from shows it when it has come through."""
    actor = actor_of(request)
    project = get_object_or_404(visible_projects(actor), pk=project_id)
    try:
        send_test_event(actor, project)
    except Fault as fault:
        refuse(request, fault.detail)
    return HttpResponseRedirect(_where_from(request) or reverse("dashboard"))


def _act(
    request: HttpRequest, actor: Actor, actions: dict[str, tuple[Act, str]], name: str, target: Alert | Issue
) -> HttpResponseRedirect:
    if name not in actions:
        raise Http404(f"no action {name}")
    act, done = actions[name]
    try:
        act(actor, target)
    except Fault as fault:
        refuse(request, fault.detail)
    else:
        messages.success(request, f"{done}: {target.title}")
    return HttpResponseRedirect(_where_from(request) or target.get_absolute_url())


def _where_from(request: HttpRequest) -> str:
    """Return the page of ours that the button was on, with its query; empty when the browser does not say."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return ""
    return urlsplit(referer)._replace(scheme="", netloc="").geturl()
