"""What the buttons do: one POST, one service, then back to where the button was. The services enforce roles."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from alerts.models import Alert
from alerts.services import acknowledge_alert, resolve_alert, unacknowledge_alert
from tradewatch.dashboard.pages import actor_of, staff_only
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.errors.models import Issue
from tradewatch.errors.services import ignore_issue, reopen_issue, resolve_issue
from tradewatch.errors.trial import send_test_event
from tradewatch.projects.access import visible_projects

ALERT_ACTIONS = {
    "acknowledge": Action(acknowledge_alert, "Acknowledged", undo="unacknowledge"),
    "unacknowledge": Action(unacknowledge_alert, "Waits again"),
    "resolve": Action(resolve_alert, "Resolved"),  # whoever was told that it fires is told that it ended: no way back
}
ISSUE_ACTIONS = {
    "resolve": Action(resolve_issue, "Resolved", undo="reopen"),
    "ignore": Action(ignore_issue, "Ignored", undo="reopen"),
    "reopen": Action(reopen_issue, "Opened again"),
}
TEST_EVENT = Action(send_test_event, "Sent, it shows within a second")


@staff_only
@require_POST
def act_on_alert(request: HttpRequest, alert_id: int, action: str) -> HttpResponse:
    alert = get_object_or_404(Alert, pk=alert_id, project__in=visible_projects(actor_of(request)))
    return _act(request, ALERT_ACTIONS, action, alert, "act-on-alert")


@staff_only
@require_POST
def act_on_issue(request: HttpRequest, issue_id: int, action: str) -> HttpResponse:
    issue = get_object_or_404(Issue, pk=issue_id, project__in=visible_projects(actor_of(request)))
    return _act(request, ISSUE_ACTIONS, action, issue, "act-on-issue")


@staff_only
@require_POST
def test_event(request: HttpRequest, project_id: int) -> HttpResponse:
    """Queue a test error of the project; the page it was asked from shows it when it has come through."""
    project = get_object_or_404(visible_projects(actor_of(request)), pk=project_id)
    return act(request, TEST_EVENT, project, title=project.name, undo_url=None, otherwise=reverse("dashboard"))


def _act(
    request: HttpRequest, actions: dict[str, Action], name: str, target: Alert | Issue, route: str
) -> HttpResponse:
    if name not in actions:
        raise Http404(f"no action {name}")
    action = actions[name]
    undo_url = reverse(route, args=[target.pk, action.undo]) if action.undo else None
    return act(request, action, target, title=target.title, undo_url=undo_url, otherwise=target.get_absolute_url())
