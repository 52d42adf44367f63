from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from debugging.choices import SessionState, StepState
from debugging.contexts.subjects import find_subject
from debugging.models import DebugSession
from debugging.sessions.opening import look_again, open_session
from debugging.sessions.queries import sessions_of
from debugging.sessions.services import (
    add_note,
    end_session,
    give_session,
    reopen_session,
    work_step,
    write_conclusion,
)
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault, Invalid, Unknown
from tradewatch.dashboard.debugging.listing import listing_of
from tradewatch.dashboard.debugging.page import page_of
from tradewatch.dashboard.debugging.posting import Done, Drawn, post
from tradewatch.dashboard.debugging.workbench import FORMS, workbench_of
from tradewatch.dashboard.pages import actor_of, page, refuse, show, staff_only
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.views.acting import Action, act, back
from tradewatch.errors.assignees import named_assignee
from tradewatch.projects.access import visible_projects
from tradewatch.projects.models import Team

Form = Mapping[str, str]


@page
def sessions(request: HttpRequest, scope: Scope) -> HttpResponse:
    context = listing_of(scope, request.GET.dict(), actor=actor_of(request))
    keeps = {name: request.GET[name] for name in ("state", "owner") if request.GET.get(name)}
    return show(request, scope, "debugging/list.html", context, crumb="Debugging", keeps=keeps, live=("debug",))


@page
def session(request: HttpRequest, scope: Scope, session_id: int) -> HttpResponse:
    """Show the workbench. Posted to, it does what one of its forms asks: see `posting`."""
    rows = sessions_of([each.pk for each in scope.projects]).select_related("snapshot", "event__release")
    rows = rows.prefetch_related("steps")
    row = get_object_or_404(rows, pk=session_id)
    actor, drawn = actor_of(request), Drawn()
    if request.method == "POST":
        answer = post(FORMS, actor, row, request.POST.dict())
        if isinstance(answer, Done):
            messages.success(request, answer.text)
            return HttpResponseRedirect(f"{row.get_absolute_url()}{scope.query}#{answer.anchor}")
        drawn = answer
    return show(
        request,
        scope,
        "debugging/session.html",
        {**page_of(row), **workbench_of(row, actor, request.GET.dict(), drawn)},
        crumb=row.name,
        crumbs=[("Debugging", reverse("debugging") + scope.query)],
        about=row.project_id,
        live=("debug",),
        status=drawn.status,
    )


@staff_only
@require_POST
def open_on(request: HttpRequest, error_id: UUID) -> HttpResponse:
    """Open a session on an error, or go to the one that is open on it."""
    actor = actor_of(request)
    project_ids = list(visible_projects(actor).values_list("pk", flat=True))
    named = request.POST.get("project", "")
    try:
        subject = find_subject(
            [int(named)] if named.isdigit() and int(named) in project_ids else project_ids, error_id.hex
        )
        opened = open_session(actor, subject, now=timezone.now())
    except Unknown as fault:
        raise Http404(fault.detail) from fault
    except Fault as fault:
        refuse(request, fault.detail)
        return back(request, reverse("debugging"))
    messages.success(request, "Session opened" if opened.is_new else "A session is open on this error already")
    return HttpResponseRedirect(opened.session.get_absolute_url())


@staff_only
@require_POST
def act_on_session(request: HttpRequest, session_id: int, action: str) -> HttpResponse:
    if action not in ACTIONS:
        raise Http404(f"no action {action}")
    do, done = ACTIONS[action]
    return _act(request, session_id, do, done)


@staff_only
@require_POST
def act_on_step(request: HttpRequest, session_id: int, key: str) -> HttpResponse:
    return _act(request, session_id, lambda actor, row, form: _step(actor, row, key, form), "Step kept")


def _act(
    request: HttpRequest, session_id: int, do: Callable[[Actor, DebugSession, Form], Any], done: str
) -> HttpResponse:
    row = get_object_or_404(DebugSession, pk=session_id, project__in=visible_projects(actor_of(request)))
    action = Action(lambda actor, target: do(actor, target, request.POST.dict()), done)
    return act(request, action, row, title=row.name, undo_url=None, otherwise=row.get_absolute_url())


def _step(actor: Actor, row: DebugSession, key: str, form: Form) -> Any:
    state = form.get("state", "")
    if state and state not in StepState.values:
        raise Invalid("bad state", errors={"state": [f"expected one of {', '.join(StepState.values)}"]})
    chosen = StepState(state) if state else None
    return work_step(actor, row, key, state=chosen, note=form.get("note"), now=timezone.now())


def _give(actor: Actor, row: DebugSession, form: Form) -> Any:
    name = form.get("owner", "")
    to = named_assignee(None if name == "none" else name, actor)
    if isinstance(to, Team):
        raise Invalid("bad owner", errors={"owner": ["a session is owned by a person"]})
    return give_session(actor, row, to, now=timezone.now())


def _conclude(actor: Actor, row: DebugSession, form: Form) -> Any:
    """Keep the conclusion, and with `resolve` end the session by it."""
    row = write_conclusion(actor, row, form.get("conclusion", ""), now=timezone.now())
    return end_session(actor, row, SessionState.RESOLVED, now=timezone.now()) if form.get("resolve") else row


ACTIONS: dict[str, tuple[Callable[[Actor, DebugSession, Form], Any], str]] = {
    "look": (lambda actor, row, form: look_again(actor, row, now=timezone.now()), "Looked again"),
    "give": (_give, "Owner changed"),
    "conclude": (_conclude, "Conclusion kept"),
    "close": (lambda actor, row, form: end_session(actor, row, SessionState.CLOSED, now=timezone.now()), "Closed"),
    "reopen": (lambda actor, row, form: reopen_session(actor, row, now=timezone.now()), "Reopened"),
    "note": (lambda actor, row, form: add_note(actor, row, form.get("note", ""), now=timezone.now()), "Noted"),
}
