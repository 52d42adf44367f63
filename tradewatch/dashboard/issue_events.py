"""The events of one issue as a list, filtered as far as it is cheap: by columns, and by tags among the newest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tradewatch.core.faults import Invalid
from tradewatch.core.paging import read_page
from tradewatch.errors.families import all_events_of
from tradewatch.errors.models import Event, Issue
from tradewatch.errors.search.terms import Term, parse

PAGE_SIZE = 50
MOST_LOOKED_AT = 500  # documents that one page opens to look for a tag
ORDER = ("-timestamp", "-id")
_COLUMNS = {
    "environment": "environment",
    "release": "release__version",
    "level": "severity",
    "transaction": "transaction",
    "trace": "trace_id",
}


@dataclass(frozen=True, slots=True)
class EventPage:
    """`looked_at`: how many events a filter by tags went through for this page; 0 without one."""

    rows: list[Event]
    next: str | None
    looked_at: int = 0


def list_events(issue: Issue, *, search: str, environment: str, cursor: str | None) -> EventPage:
    """Return a page of the issue's events that fit `search` (`environment:uat release:1.2 venue:lmax`), newest first.

    Columns are asked of the database. A tag is looked for in at most 500 documents a page; the next page goes on from
    there. Raises `Invalid` for a search that cannot be read, or asks for more than that.
    """
    columns, tags = _conditions(search)
    rows = all_events_of(issue).filter(**columns).select_related("release")
    if environment:
        rows = rows.filter(environment=environment)
    if tags:
        return _by_tags(rows, tags, cursor)
    page = read_page(rows, order=ORDER, cursor=cursor, size=PAGE_SIZE)
    return EventPage(page.rows, page.next)


def _by_tags(rows: QuerySet[Event], tags: Mapping[str, list[str]], cursor: str | None) -> EventPage:
    page = read_page(rows.select_related("release", "stored"), order=ORDER, cursor=cursor, size=MOST_LOOKED_AT)
    found = [event for event in page.rows if _fits(event.payload, tags)]
    return EventPage(found, page.next, looked_at=len(page.rows))


def _fits(document: Mapping[str, Any], tags: Mapping[str, list[str]]) -> bool:
    carried = document.get("tags")
    return isinstance(carried, dict) and all(str(carried.get(key)) in values for key, values in tags.items())


def _conditions(search: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    columns: dict[str, list[str]] = {}
    tags: dict[str, list[str]] = {}
    for term in parse(search):
        if not term.key or term.is_negated:
            raise Invalid("bad search", errors={"q": [f"{term.text}: expected key:value, as in venue:lmax"]})
        values = list(_texts(term))
        if term.key in _COLUMNS:
            columns[f"{_COLUMNS[term.key]}__in"] = values
        else:
            tags[term.key] = values
    return columns, tags


def _texts(term: Term) -> Iterator[str]:
    for value in term.values:
        if value.operator or not value.is_exact:
            raise Invalid("bad search", errors={"q": [f"{term.text}: among events only whole values can be asked for"]})
        yield value.text
