"""The page of a recording, its download and its end."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from debugging.models import BrowserReplay
from debugging.recordings.downloading import download_of
from debugging.recordings.queries import recordings_of
from debugging.recordings.services import delete_recording
from tradewatch.core.faults import Fault
from tradewatch.dashboard.debugging.recordings import page_of_recording
from tradewatch.dashboard.pages import actor_of, page, refuse, show, staff_only
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.views.acting import back
from tradewatch.projects import access
from tradewatch.projects.access import visible_projects
from tradewatch.projects.choices import Role
from tradewatch.projects.choices import Scope as TokenScope


@page
def recording(request: HttpRequest, scope: Scope, recording_id: int) -> HttpResponse:
    row = get_object_or_404(recordings_of([each.pk for each in scope.projects]), pk=recording_id)
    context = page_of_recording(row, is_narrow=request.GET.get("show") == "trouble")
    may = access.may(actor_of(request), row.project_id, Role.MANAGER, scope=TokenScope.DEBUG_WRITE)
    return show(
        request,
        scope,
        "debugging/recording.html",
        {**context, "may_delete": may},
        crumb=f"Replay {row.replay_id.hex[:8]}",
        crumbs=[("Debugging", reverse("debugging") + scope.query)],
        about=row.project_id,
    )


@page
def download(request: HttpRequest, scope: Scope, recording_id: int) -> HttpResponse:
    row = get_object_or_404(recordings_of([each.pk for each in scope.projects]), pk=recording_id)
    return download_of(request, row)  # type: ignore[return-value]  # a page answers HttpResponseBase


@staff_only
@require_POST
def delete(request: HttpRequest, recording_id: int) -> HttpResponse:
    row = get_object_or_404(BrowserReplay, pk=recording_id, project__in=visible_projects(actor_of(request)))
    try:
        delete_recording(actor_of(request), row)
    except Fault as fault:
        refuse(request, fault.detail)
        return back(request, row.get_absolute_url())
    messages.success(request, "Recording deleted")
    return HttpResponseRedirect(reverse("debugging"))
