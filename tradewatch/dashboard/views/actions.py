"""What the buttons do: one POST, one service, then back to where the button was. The services enforce roles."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from alerts.models import Alert
from alerts.services import acknowledge_alert, resolve_alert, unacknowledge_alert
from tradewatch.dashboard.pages import actor_of, staff_only
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.errors.trial import send_test_event
from tradewatch.projects.access import visible_projects

ALERT_ACTIONS = {
    "acknowledge": Action(acknowledge_alert, "Acknowledged", undo="unacknowledge"),
    "unacknowledge": Action(unacknowledge_alert, "Waits again"),
    "resolve": Action(resolve_alert, "Resolved"),  # whoever was told that it fires is told that it ended: no way back
}
TEST_EVENT = Action(send_test_event, "Sent, it shows within a second")


@staff_only
@require_POST
def act_on_alert(request: HttpRequest, alert_id: int, action: str) -> HttpResponse:
    alert = get_object_or_404(Alert, pk=alert_id, project__in=visible_projects(actor_of(request)))
    if action not in ALERT_ACTIONS:
        raise Http404(f"no action {action}")
    chosen = ALERT_ACTIONS[action]
    undo_url = reverse("act-on-alert", args=[alert.pk, chosen.undo]) if chosen.undo else None
    return act(request, chosen, alert, title=alert.title, undo_url=undo_url, otherwise=alert.get_absolute_url())


@staff_only
@require_POST
def test_event(request: HttpRequest, project_id: int) -> HttpResponse:
    """Queue a test error of the project; the page it was asked from shows it when it has come through."""
    project = get_object_or_404(visible_projects(actor_of(request)), pk=project_id)
    return act(request, TEST_EVENT, project, title=project.name, undo_url=None, otherwise=reverse("dashboard"))
