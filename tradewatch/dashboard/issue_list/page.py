"""One page of the list, read: its rows, facets and tabs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from tradewatch.dashboard.issue_list.asked import Asked, View, link
from tradewatch.dashboard.issue_list.facets import Facet, read_facets
from tradewatch.dashboard.issue_list.listing import RANKED, read_listing
from tradewatch.dashboard.issue_list.ranking import Scores, Standing, rank, read_events
from tradewatch.dashboard.issue_list.rows import make_rows
from tradewatch.dashboard.ranges import Span
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.choices import IssueSort
from tradewatch.errors.models import Issue
from tradewatch.errors.search.asking import Asking
from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.queries import find_by_terms
from tradewatch.errors.search.terms import Term, parse, write

PAGE_SIZE = 25
COUNTED = 100  # a tab counts no further: "99+"


@dataclass(frozen=True, slots=True)
class Tab:
    """`count` as it is shown; empty where the query of a saved view cannot be read any more."""

    name: str
    href: str
    is_chosen: bool
    count: str


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds issues in the scope of a page, for a person, at a moment."""

    scope: Scope
    user_id: int | None
    now: datetime

    def find(self, terms: Sequence[Term]) -> QuerySet[Issue]:
        asking = Asking(self.scope.project_ids, self.now, self.user_id)
        return find_by_terms(terms, asking, environment=self.scope.environment)

    def find_text(self, query: str) -> QuerySet[Issue]:
        return self.find(parse(query))

    def span(self) -> Span:
        """Return the range of the page on whole minutes."""
        return self.scope.range.span(self.now)

    def tabs(self, views: Sequence[View], asked: Asked) -> list[Tab]:
        return [
            Tab(each.name, link(self.scope, Asked(each, each.query, each.sort)), each == asked.view, self._count(each))
            for each in views
        ]

    def _count(self, view: View) -> str:
        try:
            found = self.find_text(view.query).order_by("-last_seen_at", "-id")
        except BadQuery:
            return ""
        number = len(found.values_list("pk")[:COUNTED])  # rows, not COUNT: it ends at the hundredth
        return f"{COUNTED - 1}+" if number == COUNTED else str(number)


def read_list(finder: Finder, asked: Asked) -> dict[str, Any]:
    """Return rows, cursor and facets of what is asked for. Raises `BadQuery`, `Invalid` (a cursor that is not ours)."""
    terms = parse(asked.query)
    found = finder.find(terms)
    scores = _scores(finder, asked)
    listed = found.select_related("project", "first_release", "assignee", "assigned_team")
    listing = read_listing(listed, sort=asked.sort, cursor=asked.cursor, size=PAGE_SIZE, scores=scores)
    standings = scores.standings if scores else _standings(finder, listing.rows)
    facets = read_facets(terms, finder.find)
    return {
        "rows": make_rows(listing.rows, standings, now=finder.now, trends=asked.sort == IssueSort.TREND),
        "older": link(finder.scope, asked.with_cursor(listing.next)) if listing.next else "",
        "facets": [_linked(facet, finder.scope, asked) for facet in facets.facets],
        "sampled": facets.sampled if facets.is_partial else 0,
        "terms": [(each.text, _without(each, terms, finder.scope, asked)) for each in terms],
    }


def _scores(finder: Finder, asked: Asked) -> Scores | None:
    if asked.sort not in RANKED:
        return None
    scope = finder.scope
    return rank(scope.project_ids, finder.span(), environment=scope.environment, sort=asked.sort)


def _standings(finder: Finder, rows: Sequence[Issue]) -> dict[int, Standing]:
    ids = [issue.pk for issue in rows]
    events = read_events(finder.scope.project_ids, ids, finder.span(), finder.scope.environment)
    return {issue_id: Standing(count) for issue_id, count in events.items()}


def _linked(facet: Facet, scope: Scope, asked: Asked) -> Mapping[str, Any]:
    values = [(each, link(scope, asked.with_query(write(each.terms)))) for each in facet.values]
    return {"name": facet.name, "key": facet.key, "values": values}


def _without(term: Term, terms: Sequence[Term], scope: Scope, asked: Asked) -> str:
    """Return the address of the same search without one of its terms."""
    return link(scope, asked.with_query(write([each for each in terms if each is not term])))
