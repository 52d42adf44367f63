"""How to connect an application, at any time: a second service joins, a colleague asks for the DSN."""

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tradewatch.dashboard.first_steps import first_steps
from tradewatch.dashboard.fragments import latest
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.snapshot import View, take_snapshot
from tradewatch.projects.models import Project


@page
def first_steps_page(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Show how to connect the chosen project, else the first that the user sees, and what arrives meanwhile."""
    now = timezone.now()
    project = scope.project or (scope.projects[0] if scope.projects else None)
    about = scope.in_project(project)
    snapshot = take_snapshot(View(about.project_ids, "", about.range), now=now)
    context: dict[str, object] = {
        "is_connected": snapshot.is_connected,
        "latest": latest(snapshot, about),
        "live_url": "/ws/live/" + about.query,
    }
    if project is not None:
        context |= steps_context(request, project, now=now)
    return show(request, scope, "dashboard/first_steps.html", context, crumb="First steps")


def steps_context(request: HttpRequest, project: Project, *, now: datetime) -> dict[str, object]:
    """Return what `_first_steps.html` shows; `granted` are those of the further steps that the user may take."""
    steps = first_steps(project, now=now)
    granted = {step.permission for step in steps.steps if _has(request, step.permission)}
    return {"first": steps, "granted": granted}


def _has(request: HttpRequest, permission: str) -> bool:
    return isinstance(request.user, AbstractUser) and request.user.has_perm(permission)
