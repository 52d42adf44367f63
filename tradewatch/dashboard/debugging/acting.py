"""Buttons at replays and batches: approve, refuse, send again, verify; cancel."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from debugging.batches.services import approve as approve_batch
from debugging.batches.services import cancel as cancel_batch
from debugging.models import Replay, ReplayBatch
from debugging.replays.recording import read_replay
from debugging.replays.services import approve, refuse, replay
from debugging.replays.verifying import verify
from tradewatch.core.actors import Actor
from tradewatch.dashboard.debugging.outcomes import outcome_of
from tradewatch.dashboard.debugging.replaying import LOOK_SECONDS
from tradewatch.dashboard.pages import actor_of, staff_only
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.projects.access import visible_projects

Do = Callable[[Actor, Any], Any]


@staff_only
@require_POST
def act_on_replay(request: HttpRequest, session_id: int, replay_id: int, action: str) -> HttpResponse:
    return _act(request, Replay, REPLAY_ACTIONS, session_id, replay_id, action)


@staff_only
@require_POST
def act_on_batch(request: HttpRequest, session_id: int, batch_id: int, action: str) -> HttpResponse:
    return _act(request, ReplayBatch, BATCH_ACTIONS, session_id, batch_id, action)


def _act(
    request: HttpRequest, model: Any, actions: Mapping[str, Action], session_id: int, pk: int, action: str
) -> HttpResponse:
    if action not in actions:
        raise Http404(f"no action {action}")
    visible = visible_projects(actor_of(request))
    rows = model.objects.filter(session=session_id, session__project__in=visible).select_related("session__project")
    row = get_object_or_404(rows, pk=pk)
    return act(
        request, actions[action], row, title=row.session.name, undo_url=None, otherwise=row.session.get_absolute_url()
    )


def _approve(actor: Actor, row: Replay) -> Replay:
    return approve(actor, row, now=timezone.now(), look_seconds=LOOK_SECONDS)


def _again(actor: Actor, row: Replay) -> Any:
    """As it was asked for, at the same target; to production that is a new wait for a second person."""
    session = read_replay(row.pk).session
    return replay(actor, session, row.target_name, row.modifications, now=timezone.now(), look_seconds=LOOK_SECONDS)


def _words(row: Replay) -> str:
    return f"Replay {row.pk} {outcome_of(row).word.lower()}"


REPLAY_ACTIONS: Mapping[str, Action] = {
    "approve": Action(_approve, _words),
    "refuse": Action(lambda actor, row: refuse(actor, row, now=timezone.now()), "Refused"),
    "again": Action(_again, _words),
    "verify": Action(lambda actor, row: verify(actor, row, now=timezone.now()), "Fix verified"),
}
BATCH_ACTIONS: Mapping[str, Action] = {
    "approve": Action(lambda actor, row: approve_batch(actor, row, now=timezone.now()), "Approved"),
    "cancel": Action(lambda actor, row: cancel_batch(actor, row, now=timezone.now()), "Cancelled"),
}
