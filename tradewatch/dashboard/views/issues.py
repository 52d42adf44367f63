"""The list of issues: the page, what the search field suggests, the export."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone

from tradewatch.core.streaming import streamed_file
from tradewatch.dashboard.issue_list.asked import Asked, View, link, read_asked, views_of
from tradewatch.dashboard.issue_list.completion import people_of, suggest, word_before
from tradewatch.dashboard.issue_list.export import issue_lines
from tradewatch.dashboard.issue_list.page import Finder, read_list
from tradewatch.dashboard.pages import actor_of, page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.choices import IssueSort
from tradewatch.errors.saved_views import default_view, visible_views
from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.terms import LONGEST_QUERY
from tradewatch.projects.models import Team


@page
def issues(request: HttpRequest, scope: Scope) -> HttpResponse:
    """List what is asked for. A query that cannot be read is shown with its fault, and kept."""
    actor, now = actor_of(request), timezone.now()
    views = views_of(visible_views(actor))
    asked = read_asked(request.GET.dict(), views, default=default_view(actor))
    finder = Finder(scope, actor.id, now)
    context = _frame_of(scope, asked, views, finder)
    try:
        context |= read_list(finder, asked)
    except BadQuery as fault:
        context |= {"fault": fault.errors["q"][0]}
    status = 400 if "fault" in context else 200
    return show(
        request,
        scope,
        "dashboard/issues.html",
        context,
        crumb="Issues",
        has_ranges=True,
        keeps=asked.values(),
        status=status,
    )


@page
def complete(request: HttpRequest, scope: Scope) -> JsonResponse:
    """Answer what may follow `q`, the query up to the caret: `at` is where the suggestions begin in it."""
    word = word_before(request.GET.get("q", "")[:LONGEST_QUERY].replace("\0", ""))
    suggestions = [{"text": each.text, "says": each.says} for each in suggest(word, scope)]
    return JsonResponse({"at": word.at, "suggestions": suggestions})


@page
def export(request: HttpRequest, scope: Scope) -> StreamingHttpResponse:
    """Stream what the list finds, by last seen, as CSV."""
    actor = actor_of(request)
    asked = read_asked(request.GET.dict(), views_of(visible_views(actor)), default=default_view(actor))
    found = Finder(scope, actor.id, timezone.now()).find_text(asked.query)
    lines = issue_lines(found, order=("-last_seen_at", "-id"))
    name = f"issues-{timezone.now():%Y-%m-%d}.csv"
    return streamed_file(request, lines, name=name, content_type="text/csv; charset=utf-8")


def _frame_of(scope: Scope, asked: Asked, views: Sequence[View], finder: Finder) -> dict[str, Any]:
    """Return what stands around the rows, whether the query can be read or not."""
    return {
        "asked": asked,
        "tabs": finder.tabs(views, asked),
        "sorts": [(each, link(scope, asked.with_sort(each.value)), each.value == asked.sort) for each in IssueSort],
        "sort_label": IssueSort(asked.sort).label,
        "hidden": {name: value for name, value in {**scope.values(), **asked.values()}.items() if name != "q"},
        "export_url": link(scope, asked, reverse("issues-export")),
        "complete_url": reverse("issues-complete") + scope.query,
        "people": people_of(scope),
        "teams": Team.objects.all()[:50],
        "is_first": not asked.cursor,
        "first_page": link(scope, asked.with_cursor("")),
    }
