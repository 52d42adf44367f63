"""What the address of the list asks for: a view, a query that may differ from it, an order, a place in the pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from tradewatch.dashboard.scope import Scope
from tradewatch.errors.choices import IssueSort, IssueState
from tradewatch.errors.models import SavedView
from tradewatch.errors.search.views import BUILT_IN, FIRST

# The names that orders had before they had all of these.
_FORMER_SORTS = {"newest": IssueSort.FIRST_SEEN, "loudest": IssueSort.FREQUENCY}


@dataclass(frozen=True, slots=True)
class View:
    """A tab of the list. `key` stands in the address: a built-in one's name or a saved one's id."""

    key: str
    name: str
    query: str
    sort: str
    saved: SavedView | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """`view` None: a search of its own."""

    view: View | None
    query: str
    sort: str
    cursor: str = ""

    @property
    def is_changed(self) -> bool:
        """Return whether this is no longer what the view says."""
        return self.view is None or (self.query, self.sort) != (self.view.query, self.view.sort)

    def values(self) -> dict[str, str]:
        """Return the parameters that lead here again, but for the cursor; what the view says by itself is left out."""
        values = {}
        if self.view:
            values["view"] = self.view.key
        if self.view is None or self.query != self.view.query:
            values["q"] = self.query
        if self.sort != (self.view.sort if self.view else IssueSort.LAST_SEEN):
            values["sort"] = self.sort
        return values

    def with_query(self, query: str) -> "Asked":
        return replace(self, query=query, cursor="")

    def with_sort(self, sort: str) -> "Asked":
        return replace(self, sort=sort, cursor="")

    def with_cursor(self, cursor: str) -> "Asked":
        return replace(self, cursor=cursor)


def views_of(saved: Iterable[SavedView]) -> list[View]:
    """Return all views, in the order of the tabs."""
    built_in = [View(key, each.name, each.query, each.sort) for key, each in BUILT_IN.items()]
    return [*built_in, *(View(str(each.pk), each.name, each.query, each.sort, each) for each in saved)]


def read_asked(parameters: Mapping[str, str], views: Sequence[View], *, default: str) -> Asked:
    """Return what the address asks for. Names that nobody knows (any more) mean the default: old links still open."""
    by_key = {each.key: each for each in views}
    is_search = "q" in parameters or parameters.get("state") in IssueState.values
    view = by_key.get(parameters.get("view", ""))
    if view is None and not is_search:
        view = by_key.get(default) or by_key[FIRST]
    query = view.query if view else f"is:{parameters.get('state')}"
    sort = _FORMER_SORTS.get(parameters.get("sort", ""), parameters.get("sort", ""))
    return Asked(
        view=view,
        query=parameters.get("q", query).strip(),
        sort=sort if sort in IssueSort.values else (view.sort if view else IssueSort.LAST_SEEN.value),
        cursor=parameters.get("cursor", ""),
    )


def link(scope: Scope, asked: Asked, path: str = "") -> str:
    """Return the address of the list that is asked for; relative to the page without `path`."""
    values = {**scope.values(), **asked.values()}
    if asked.cursor:
        values["cursor"] = asked.cursor
    return f"{path}?{urlencode(values)}"
