"""What every page of ours does: staff only, scope from the URL, the frame around it, refusals as answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from alerts.queries import open_alert_counts
from tradewatch.core.actors import Actor
from tradewatch.core.addresses import address_of
from tradewatch.core.api import bad_request
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.core.live import Topic
from tradewatch.dashboard.ranges import Range
from tradewatch.dashboard.scope import Scope, read_scope, user_actor
from tradewatch.projects import access
from tradewatch.projects.choices import Role
from tradewatch.projects.choices import Scope as TokenScope
from tradewatch.projects.models import Environment, Membership

Page = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    href: str
    is_chosen: bool


def page(view: Page) -> Page:
    """Let staff in, others to the login and back; give the view the scope that the URL names.

    Unknown is 404, nonsense 400.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, read_scope(actor_of(request), request.GET.dict()), *args, **kwargs)
        except Unknown as fault:
            raise Http404(fault.detail) from fault
        except Invalid as fault:
            return bad_request(request, fault)

    return staff_only(guarded)


def staff_only(view: Page) -> Page:
    guarded: Page = staff_member_required(view, login_url="admin:login")
    return guarded


def actor_of(request: HttpRequest) -> Actor:
    return user_actor(request.user, address_of(request))


def show(
    request: HttpRequest,
    scope: Scope,
    template: str,
    context: Mapping[str, Any],
    *,
    crumb: str,
    crumbs: Sequence[tuple[str, str]] = (),
    about: int | None = None,
    has_ranges: bool = False,
    keeps: Mapping[str, str] | None = None,
    live: Sequence[Topic] = (),
    status: int = 200,
) -> HttpResponse:
    """Render `template` in the frame. `about` is the project of the shown object: its role decides about buttons.

    `keeps`: further parameters of the address that a choice of project, environment or range leaves as they are.
    `live`: the topics of whose changes the page hears, to draw its `data-live` places and its charts anew.
    """
    keeps, now = keeps or {}, timezone.now()
    frame = {
        "scope": scope,
        "now": now,
        "crumb": crumb,
        "crumbs": crumbs,
        "project_choices": _project_choices(request, scope, keeps),
        "environment_choices": _environment_choices(request, scope, keeps),
        "range_choices": _range_choices(request, scope, keeps) if has_ranges else (),
        "range_form": _range_form(scope, now, keeps),
        "critical_alerts": open_alert_counts(scope.project_ids, scope.environment or None).critical_firing,
        "may_act": may_act(request, (about,) if about else scope.project_ids),
        "role": _role(request, about or (scope.project.pk if scope.project else None)),
        "live_url": _live_url(scope, live),
    }
    return render(request, template, {**frame, **context}, status=status)


def may_act(request: HttpRequest, project_ids: Sequence[int]) -> bool:
    """Return whether the user may acknowledge and resolve in any of these projects. For buttons; services decide."""
    actor = actor_of(request)
    return any(access.may(actor, each, Role.RESPONDER, scope=TokenScope.ALERTS_WRITE) for each in project_ids[:20])


def refuse(request: HttpRequest, detail: str) -> None:
    messages.error(request, f"Not done: {detail}.")


def _role(request: HttpRequest, project_id: int | None) -> str:
    if getattr(request.user, "is_superuser", False):
        return "admin"
    held = Membership.objects.filter(user=request.user.pk, project=project_id).values_list("role", flat=True)
    return held.first() or "" if project_id else ""


def _live_url(scope: Scope, topics: Sequence[Topic]) -> str:
    """Return the address of the page's socket; empty where nothing moves: a range with an end is over."""
    return f"/ws/topics/{scope.query_with({'topics': ','.join(topics)})}" if topics and scope.range.is_live else ""


# --- choices of the frame: each is a link to this page (or its list) in another scope ---------------------------------
def _project_choices(request: HttpRequest, scope: Scope, keeps: Mapping[str, str]) -> list[Choice]:
    path = _list_path(request)
    keeps = keeps if path == request.path else {}
    choices = [
        Choice(each.name, path + scope.in_project(each).query_with(keeps), each == scope.project)
        for each in scope.projects
    ]
    if len(scope.projects) > 1:
        everything = path + scope.in_project(None).query_with(keeps)
        choices.insert(0, Choice("All projects", everything, scope.project is None))
    return choices


def _environment_choices(request: HttpRequest, scope: Scope, keeps: Mapping[str, str]) -> list[Choice]:
    names = Environment.objects.filter(project__in=scope.project_ids).values_list("name", flat=True)
    path = request.path
    return [
        Choice("All environments", path + scope.in_environment("").query_with(keeps), not scope.environment),
        *(
            Choice(name, path + scope.in_environment(name).query_with(keeps), name == scope.environment)
            for name in sorted(set(names[:100]))
        ),
    ]


def _range_choices(request: HttpRequest, scope: Scope, keeps: Mapping[str, str]) -> list[Choice]:
    return [
        Choice(each.value, request.path + scope.in_range(each).query_with(keeps), each == scope.range) for each in Range
    ]


def _range_form(scope: Scope, now: datetime, keeps: Mapping[str, str]) -> dict[str, Any]:
    """Return what the form of a custom range starts with: the present range, and what else the URL keeps."""
    span = scope.range.span(now)
    hidden = {name: value for name, value in scope.values().items() if name in ("project", "environment")}
    return {"start": f"{span.start:%Y-%m-%dT%H:%M}", "end": f"{span.end:%Y-%m-%dT%H:%M}", "hidden": {**hidden, **keeps}}


def _list_path(request: HttpRequest) -> str:
    """Return the page that still makes sense in another project: an object's page leads to its list."""
    head = request.path.strip("/").split("/")[0]
    return (
        f"/{head}"
        if head in ("issues", "alerts", "logs", "checks", "hosts", "sla", "debug", "first-steps")
        else "/error-dashboard.html"
    )
