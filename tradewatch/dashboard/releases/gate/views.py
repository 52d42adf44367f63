"""/releases/gate, /releases/freezes, /releases/ci."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from releases.gate.asked import OverrideAsked
from releases.gate.queries import freezes_of, overrides_of
from releases.gate.services import add_freeze, cancel_freeze, override_gate, withdraw_override
from releases.models import Freeze, GateOverride
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault
from tradewatch.dashboard.pages import actor_of, page, show, staff_only
from tradewatch.dashboard.releases.gate.asking import project_in, question_context
from tradewatch.dashboard.releases.gate.forms import FreezeForm, OverrideForm, proposed
from tradewatch.dashboard.releases.gate.freezes import freezes_context, may_freeze, zones
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.projects import access
from tradewatch.projects.access import visible_projects
from tradewatch.projects.choices import Role
from tradewatch.projects.choices import Scope as TokenScope


@page
def ask_gate(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Answer a question, and take an override of what is asked about. Nothing is kept of looking at it."""
    now, project, actor = timezone.now(), project_in(scope), actor_of(request)
    overrides = project is not None and access.may(actor, project.pk, Role.RESPONDER, scope=TokenScope.RELEASES_WRITE)
    form = OverrideForm(request.POST or None, initial={"version": request.GET.get("version", "")[:250]})
    if request.method == "POST" and overrides and form.is_valid() and _overridden(request, scope, form):
        return redirect(request.get_full_path())
    context = question_context(scope, request.GET.dict(), now=now)
    return show(
        request,
        scope,
        "releases/gate/ask.html",
        {**context, "form": form, "may_override": overrides, "may_freeze": _may_freeze(scope, actor)},
        crumb="Gate",
        crumbs=[("Releases", reverse("releases") + scope.query)],
        about=project.pk if project else None,
        live=("releases", "alerts", "sla"),
        status=400 if form.errors or context["errors"] else 200,
    )


@page
def freezes(request: HttpRequest, scope: Scope) -> HttpResponse:
    context = freezes_context(scope, actor_of(request), request.GET.dict(), now=timezone.now())
    crumbs = [("Releases", reverse("releases") + scope.query)]
    return show(request, scope, "releases/gate/freezes.html", context, crumb="Freezes", crumbs=crumbs)


@page
def new_freeze(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Offer a form for the project of the page; a superuser may freeze all."""
    actor, project, now = actor_of(request), project_in(scope), timezone.now()
    initial = proposed(now) | {"environment": scope.environment}
    form = FreezeForm(request.POST or None, takes_all=may_freeze(actor, None), initial=initial)
    if request.method == "POST" and form.is_valid() and (added := _added(actor, scope, form)):
        undo = reverse("act-on-freeze", args=[added.pk, "cancel"])
        messages.success(request, f"Freeze added: {added.name}", extra_tags=undo)
        return redirect(reverse("release-freezes-page") + scope.query)
    return show(
        request,
        scope,
        "releases/gate/freeze.html",
        {"form": form, "zones": zones(), "chosen": project},
        crumb="Freeze",
        crumbs=[
            ("Releases", reverse("releases") + scope.query),
            ("Freezes", reverse("release-freezes-page") + scope.query),
        ],
        about=project.pk if project else None,
        status=400 if form.errors else 200,
    )


@staff_only
@require_POST
def act_on_freeze(request: HttpRequest, freeze_id: int, action: str) -> HttpResponse:
    if action not in FREEZE_ACTIONS:
        raise Http404(f"no action {action}")
    visible = list(visible_projects(actor_of(request)).values_list("pk", flat=True))
    row = get_object_or_404(freezes_of(visible), pk=freeze_id)
    otherwise = reverse("release-freezes-page")
    return act(request, FREEZE_ACTIONS[action], row, title=row.name, undo_url=None, otherwise=otherwise)


@staff_only
@require_POST
def act_on_override(request: HttpRequest, override_id: int, action: str) -> HttpResponse:
    if action not in OVERRIDE_ACTIONS:
        raise Http404(f"no action {action}")
    visible = list(visible_projects(actor_of(request)).values_list("pk", flat=True))
    row = get_object_or_404(overrides_of(visible), pk=override_id)
    otherwise = reverse("release-gate-page")
    return act(request, OVERRIDE_ACTIONS[action], row, title=str(row), undo_url=None, otherwise=otherwise)


def _cancel(actor: Actor, row: Freeze) -> Freeze:
    return cancel_freeze(actor, row.pk, now=timezone.now())


def _withdraw(actor: Actor, row: GateOverride) -> GateOverride:
    return withdraw_override(actor, row.pk, now=timezone.now())


FREEZE_ACTIONS = {"cancel": Action(_cancel, "Cancelled")}
OVERRIDE_ACTIONS = {"withdraw": Action(_withdraw, "Withdrawn")}


def _overridden(request: HttpRequest, scope: Scope, form: OverrideForm) -> bool:
    """Return whether it is overridden; what the service refuses stands in the form."""
    said, project = form.cleaned_data, project_in(scope)
    if project is None or not scope.environment:
        form.add_error(None, "Choose a project and an environment first.")
        return False
    asked = OverrideAsked(scope.environment, said["reason"], said["minutes"], said["version"])
    try:
        row = override_gate(actor_of(request), project, asked, now=timezone.now())
    except Fault as fault:
        form.refuse(fault)
        return False
    undo = reverse("act-on-override", args=[row.pk, "withdraw"])
    messages.success(request, f"Overridden until {row.ends_at:%H:%M} UTC: {row}", extra_tags=undo)
    return True


def _added(actor: Actor, scope: Scope, form: FreezeForm) -> Freeze | None:
    is_of_all = bool(form.cleaned_data.get("all_projects"))
    project = None if is_of_all else project_in(scope)
    if project is None and not is_of_all:
        form.add_error(None, "Choose a project first.")
        return None
    try:
        return add_freeze(actor, project, form.asked, now=timezone.now())
    except Fault as fault:
        form.refuse(fault)
        return None


def _may_freeze(scope: Scope, actor: Actor) -> bool:
    return any(map(partial(may_freeze, actor), scope.project_ids[:20]))
