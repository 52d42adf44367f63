"""Runs the classification rules over a project's issues, some at a time, and says what came of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from tradewatch.core.admin import faults_as_messages
from tradewatch.errors.models import ClassificationRule
from tradewatch.errors.reclassifying import reclassify
from tradewatch.projects.access import visible_projects
from tradewatch.projects.queries import named_project
from tradewatch.projects.scoped_admin import admin_actor

STEPS_A_CLICK = 4


def reclassify_page(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Show which projects there are; a post runs four steps, and offers to go on with the older issues."""
    actor = admin_actor(request)
    projects = visible_projects(actor)
    project = named_project(request.POST.get("project", ""), projects) if request.method == "POST" else None
    below_id, context = _number(request.POST.get("below_id", "")), {}
    if project is not None:
        with faults_as_messages(request):
            examined = changed = 0
            for _ in range(STEPS_A_CLICK):
                step = reclassify(actor, project, below_id=below_id)
                examined, changed, below_id = examined + step.examined, changed + step.changed, step.next_below_id
                if below_id is None:
                    break
            messages.success(request, f"{examined:,} issues of {project} looked at, {changed:,} changed")
            context = {"project": project, "below_id": below_id}
            if below_id is None:
                return HttpResponseRedirect(reverse("admin:errors_classificationrule_changelist"))
    return TemplateResponse(
        request,
        "errors/admin/reclassify.html",
        {
            **model_admin.admin_site.each_context(request),
            "title": "Classify issues again",
            "opts": ClassificationRule._meta,
            "projects": projects,
            **context,
        },
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
