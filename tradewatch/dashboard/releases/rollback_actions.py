"""What the buttons of the way back do: ask for it, call it off, tell CI again, keep the deployment."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from releases.models import Deployment, Rollback
from releases.rollbacks.queries import webhook_of
from releases.rollbacks.services import (
    keep_deployment,
    request_rollback,
    stop_keeping,
    tell_again,
    withdraw_rollback,
)
from tradewatch.core.actors import Actor
from tradewatch.dashboard.pages import actor_of, staff_only
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.projects.access import visible_projects


@staff_only
@require_POST
def act_on_way_back(request: HttpRequest, deployment_id: int, action: str) -> HttpResponse:
    """`rollback` and `keep` take a reason; `unkeep` takes back that it stays."""
    row = get_object_or_404(Deployment, pk=deployment_id, project__in=visible_projects(actor_of(request)))
    reason = request.POST.get("reason", "")
    acts = {
        "rollback": Action(partial(_request, reason=reason), _requested),
        "keep": Action(partial(_keep, reason=reason), "Kept"),
        "unkeep": Action(_unkeep, "Not kept any more"),
    }
    if action not in acts:
        raise Http404(f"no action {action}")
    undo = reverse("act-on-way-back", args=[row.pk, "unkeep"]) if action == "keep" else None
    return act(request, acts[action], row, title=str(row), undo_url=undo, otherwise=row.get_absolute_url())


@staff_only
@require_POST
def act_on_rollback(request: HttpRequest, rollback_id: int, action: str) -> HttpResponse:
    if action not in _ON_ROLLBACK:
        raise Http404(f"no action {action}")
    rows = Rollback.objects.select_related("deployment")
    row = get_object_or_404(rows, pk=rollback_id, deployment__project__in=visible_projects(actor_of(request)))
    page = row.deployment.get_absolute_url()
    return act(request, _ON_ROLLBACK[action], row, title=str(row), undo_url=None, otherwise=page)


def _request(actor: Actor, row: Deployment, *, reason: str) -> Rollback:
    return request_rollback(actor, row.pk, reason=reason, now=timezone.now())


def _requested(rollback: Rollback) -> str:
    is_told = webhook_of(rollback.deployment.project_id)
    next_step = "CI is told" if is_told else f"deploy {rollback.to_version} now, as you always do"
    return f"Rollback to {rollback.to_version} requested, {next_step}"


def _keep(actor: Actor, row: Deployment, *, reason: str) -> Deployment:
    return keep_deployment(actor, row.pk, reason, now=timezone.now())


def _unkeep(actor: Actor, row: Deployment) -> Deployment:
    return stop_keeping(actor, row.pk)


def _withdraw(actor: Actor, row: Rollback) -> Rollback:
    return withdraw_rollback(actor, row.pk, now=timezone.now())


def _tell(actor: Actor, row: Rollback) -> Rollback:
    return tell_again(actor, row.pk, now=timezone.now())


_ON_ROLLBACK = {"withdraw": Action(_withdraw, "Called off"), "tell": Action(_tell, "CI is told again")}
