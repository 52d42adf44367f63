from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from releases.deployments.queries import deployments_of
from releases.deployments.services import complete_deployment
from releases.models import Deployment
from releases.queries import releases_of
from tradewatch.core.actors import Actor
from tradewatch.core.panels import render_panels
from tradewatch.dashboard.pages import actor_of, page, show, staff_only
from tradewatch.dashboard.releases.comparing import release_links
from tradewatch.dashboard.releases.deployment.asked import Asked
from tradewatch.dashboard.releases.deployment.page import deployment_context
from tradewatch.dashboard.releases.detail import release_detail
from tradewatch.dashboard.releases.listing import listing_of
from tradewatch.dashboard.releases.page import page_of
from tradewatch.dashboard.releases.release_commits import release_commits
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.projects.access import visible_projects


@page
def releases(request: HttpRequest, scope: Scope) -> HttpResponse:
    context = listing_of(scope, request.GET.dict(), now=timezone.now())
    return show(request, scope, "releases/list.html", context, crumb="Releases", live=("releases",))


@page
def release(request: HttpRequest, scope: Scope, release_id: int) -> HttpResponse:
    row = get_object_or_404(releases_of([each.pk for each in scope.projects]), pk=release_id)
    context = page_of(row, scope, now=timezone.now()) | release_commits(row, scope, request.GET.dict())
    context |= release_detail(row)
    context |= release_links(row, scope)
    return show(
        request,
        scope,
        "releases/page.html",
        {**context, "panels": render_panels("release", row.pk)},
        crumb=row.version,
        crumbs=[("Releases", reverse("releases") + scope.query)],
        about=row.project_id,
        has_ranges=True,
        live=("releases",),
    )


@page
def deployment(request: HttpRequest, scope: Scope, deployment_id: int) -> HttpResponse:
    rows = deployments_of([each.pk for each in scope.projects]).prefetch_related("looks")
    row = get_object_or_404(rows, pk=deployment_id)
    asked = Asked(row, scope, actor_of(request), timezone.now(), request.GET.dict())
    return show(
        request,
        scope,
        "releases/deployment.html",
        deployment_context(asked),
        crumb=f"Deployment {row.pk}",
        crumbs=[("Releases", reverse("releases") + scope.query)],
        about=row.project_id,
        live=("releases",),
    )


@staff_only
@require_POST
def act_on_deployment(request: HttpRequest, deployment_id: int, action: str) -> HttpResponse:
    if action not in ENDS:
        raise Http404(f"no action {action}")
    row = get_object_or_404(Deployment, pk=deployment_id, project__in=visible_projects(actor_of(request)))
    return act(request, ENDS[action], row, title=str(row), undo_url=None, otherwise=row.get_absolute_url())


def _complete(actor: Actor, row: Deployment, *, success: bool) -> Deployment:
    return complete_deployment(actor, row.pk, success=success, now=timezone.now())


ENDS = {
    "succeeded": Action(partial(_complete, success=True), "Completed as succeeded"),
    "failed": Action(partial(_complete, success=False), "Completed as failed"),
}
