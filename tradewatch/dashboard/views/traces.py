"""One trace, its JSON, and where traces are looked for."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone

from tradewatch.dashboard.logs.asked import Asked as LogsAsked
from tradewatch.dashboard.logs.asked import logs_link
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.traces.found import found_lines, limits_context
from tradewatch.dashboard.traces.page import page_context
from tradewatch.performance.traces.serial import trace_as_json
from tradewatch.performance.traces.whole import Whole, plain_trace_id, read_whole

PATH = "path"


@page
def traces(request: HttpRequest, scope: Scope) -> HttpResponseBase:
    """List what was found in traces; lead to the trace whose id `q` is."""
    asked = request.GET.get("q", "").strip()[:100]
    trace_id = plain_trace_id(asked)
    if trace_id:
        return HttpResponseRedirect(reverse("trace", args=[trace_id]) + scope.query)
    found = () if asked else found_lines(scope, now=timezone.now())
    context = {"asked": asked, "fault": bool(asked), "hidden": scope.values(), "found": found, **limits_context(scope)}
    return show(request, scope, "dashboard/traces/traces.html", context, crumb="Traces", crumbs=_crumbs(scope)[:1])


@page
def trace(request: HttpRequest, scope: Scope, trace_id: str) -> HttpResponse:
    """Show the trace as far as the user's projects have a part in it, whatever project is chosen."""
    project_ids = [project.pk for project in scope.projects]
    whole = read_whole(project_ids, trace_id)
    if whole is None:
        context = {"asked": trace_id[:100], "is_missing": True, "hidden": scope.values()}
        answer = show(
            request, scope, "dashboard/traces/traces.html", context, crumb="Traces", crumbs=_crumbs(scope)[:1]
        )
        answer.status_code = 404
        return answer
    is_path_only = request.GET.get("show") == PATH
    here = reverse("trace", args=[whole.trace_id])
    context = {
        **page_context(whole, project_ids, is_path_only=is_path_only),
        "all_href": here + scope.query,
        "path_href": here + scope.query_with({"show": PATH}),
        "json_href": reverse("trace-json", args=[whole.trace_id]),
        "logs_href": logs_link(scope, LogsAsked(f"trace:{whole.trace_id}")),
    }
    crumb = whole.trace_id[:8]
    return show(request, scope, "dashboard/traces/trace.html", context, crumb=crumb, crumbs=_crumbs(scope))


@page
def trace_json(request: HttpRequest, scope: Scope, trace_id: str) -> JsonResponse:
    """Answer what the page shows as the endpoint does; with `?download=1` as a file."""
    whole = read_whole([project.pk for project in scope.projects], trace_id)
    if whole is None:
        raise Http404("no such trace")
    return _as_answer(whole, is_file=bool(request.GET.get("download")))


def _as_answer(whole: Whole, *, is_file: bool) -> JsonResponse:
    answer = JsonResponse(trace_as_json(whole), json_dumps_params={"indent": 2, "ensure_ascii": False})
    if is_file:
        answer["Content-Disposition"] = f'attachment; filename="trace-{whole.trace_id}.json"'
    return answer


def _crumbs(scope: Scope) -> list[tuple[str, str]]:
    return [("Performance", reverse("performance") + scope.query), ("Traces", reverse("traces") + scope.query)]
