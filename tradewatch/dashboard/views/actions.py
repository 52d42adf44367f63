"""A project's buttons: one POST, one service, then back to where the button was. The services enforce roles."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from tradewatch.dashboard.pages import actor_of, staff_only
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.errors.trial import send_test_event
from tradewatch.projects.access import visible_projects

TEST_EVENT = Action(send_test_event, "Sent, it shows within a second")


@staff_only
@require_POST
def test_event(request: HttpRequest, project_id: int) -> HttpResponse:
    """Queue a test error of the project; the page it was asked from shows it when it has come through."""
    project = get_object_or_404(visible_projects(actor_of(request)), pk=project_id)
    return act(request, TEST_EVENT, project, title=project.name, undo_url=None, otherwise=reverse("dashboard"))
