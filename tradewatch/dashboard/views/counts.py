"""The page behind a figure of the live page."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from tradewatch.dashboard.counts import Row, counts_of
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope


@page
def counts(request: HttpRequest, scope: Scope, key: str) -> HttpResponse:
    """List what the figure was made of, within the range; each step of time leads to its own counts."""
    found = counts_of(key, scope.project_ids, scope.environment, scope.range, now=timezone.now())
    tables = [
        (table, [(row.cells[0], row.cells[1:], _href(row, scope, request.path)) for row in table.rows])
        for table in found.tables
    ]
    context = {"counts": found, "tables": tables, "within": scope.range.within, "scope_words": scope.words}
    crumbs = [("Dashboard", reverse("dashboard") + scope.query)]
    return show(request, scope, "dashboard/counts.html", context, crumb=found.title, crumbs=crumbs, has_ranges=True)


def _href(row: Row, scope: Scope, path: str) -> str:
    if row.period is not None:
        return f"{path}?{urlencode(scope.in_range(row.period).values())}"
    return row.href + scope.query if row.href else ""
