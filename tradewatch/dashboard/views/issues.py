"""The list of issues."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tradewatch.core.paging import read_page
from tradewatch.dashboard.issue_lines import make_lines
from tradewatch.dashboard.issue_reads import SORTS, find_issues
from tradewatch.dashboard.pages import Choice, page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.choices import IssueState

PAGE_SIZE = 25


@page
def issues(request: HttpRequest, scope: Scope) -> HttpResponse:
    """List issues by state, in one of three orders, by pages that new issues do not shift."""
    asked = request.GET
    state = _one_of(asked.get("state"), IssueState.values)
    sort = _one_of(asked.get("sort"), list(SORTS))
    search = asked.get("q", "").strip()[:200]
    found = find_issues(scope.project_ids, state=state, search=search, environment=scope.environment)
    rows = read_page(found, order=SORTS[sort].order, cursor=asked.get("cursor"), size=PAGE_SIZE)
    kept = {**scope.values(), "state": state, "sort": sort, "q": search}
    context = {
        "lines": make_lines(rows.rows, now=timezone.now()),
        "search": search,
        "states": [_choice(kept, "state", each.value, each.label, state) for each in IssueState],
        "sorts": [_choice(kept, "sort", name, each.label, sort) for name, each in SORTS.items()],
        "older": _link({**kept, "cursor": rows.next}) if rows.next else "",
        "is_first": not asked.get("cursor"),
        "first_page": _link(kept),
        "hidden": {name: value for name, value in kept.items() if name != "q"},
    }
    return show(request, scope, "dashboard/issues.html", context, crumb="Issues")


def _one_of(asked: str | None, known: list[str]) -> str:
    """Return what was asked for, else the first of `known`: an old link should still open."""
    return asked if asked in known else known[0]


def _choice(kept: dict[str, str], name: str, value: str, label: str, chosen: str) -> Choice:
    return Choice(label, _link({**kept, name: value}), value == chosen)


def _link(values: Mapping[str, str | None]) -> str:
    return "?" + urlencode({name: value for name, value in values.items() if value})
