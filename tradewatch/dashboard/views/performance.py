"""The overview of performance, all transactions, one transaction, and the counts behind their figures."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from tradewatch.dashboard.counts import Row
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.performance.counts import counts_of
from tradewatch.dashboard.performance.overview import A_PAGE, read_overview
from tradewatch.dashboard.performance.reading import Asked
from tradewatch.dashboard.performance.strips import strips
from tradewatch.dashboard.performance.transaction import read_transaction
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.traces.found import found_lines, limits_context

FOUND_SHOWN = 5
COMPARING = ("against", "release", "base", "sort")


@page
def overview(request: HttpRequest, scope: Scope) -> HttpResponse:
    asked = Asked(scope, now=timezone.now())
    found = read_overview(asked, request.GET.dict(), path=request.path)
    return show(
        request,
        scope,
        "dashboard/performance/overview.html",
        {"overview": found, "within": scope.range.within, "strips": strips(asked)},
        crumb="Performance",
        has_ranges=True,
        keeps=_kept(request, *COMPARING),
        live=("performance",),
    )


@page
def transactions(request: HttpRequest, scope: Scope) -> HttpResponse:
    """List every transaction of the range, fifty a page."""
    asked = Asked(scope, now=timezone.now())
    found = read_overview(asked, request.GET.dict(), path=request.path, limit=A_PAGE)
    return show(
        request,
        scope,
        "dashboard/performance/transactions.html",
        {"overview": found, "within": scope.range.within},
        crumb="Transactions",
        crumbs=_crumbs(scope),
        has_ranges=True,
        keeps=_kept(request, *COMPARING),
    )


@page
def transaction(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Show the transaction that `name` names."""
    name = request.GET.get("name", "")[:200]
    now = timezone.now()
    found = read_transaction(Asked(scope, now=now, name=name), request.GET.dict())
    return show(
        request,
        scope,
        "dashboard/performance/transaction.html",
        {
            "found": found,
            "within": scope.range.within,
            "found_in_traces": found_lines(scope, now=now, transaction=name, limit=FOUND_SHOWN),
            **limits_context(scope),
        },
        crumb=name,
        crumbs=_crumbs(scope),
        has_ranges=True,
        keeps=_kept(request, "name", *COMPARING),
    )


@page
def counts(request: HttpRequest, scope: Scope, key: str) -> HttpResponse:
    """List what the figure `key` was made of, of all transactions or of `name`."""
    name = request.GET.get("name", "")[:200]
    found = counts_of(key, Asked(scope, now=timezone.now(), name=name or None))
    tables = [
        (table, [(row.cells[0], row.cells[1:], _href(row, scope, request.path, name)) for row in table.rows])
        for table in found.tables
    ]
    return show(
        request,
        scope,
        "dashboard/counts.html",
        {"counts": found, "tables": tables, "within": scope.range.within, "scope_words": scope.words},
        crumb=found.title,
        crumbs=_crumbs(scope),
        has_ranges=True,
        keeps=_kept(request, "name"),
    )


def _crumbs(scope: Scope) -> list[tuple[str, str]]:
    return [("Performance", reverse("performance") + scope.query)]


def _kept(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.GET[name][:250] for name in names if request.GET.get(name)}


def _href(row: Row, scope: Scope, path: str, name: str) -> str:
    if row.period is None:
        return row.href
    named = {"name": name} if name else {}
    return f"{path}?{urlencode({**scope.in_range(row.period).values(), **named})}"
