"""What the address of the page asks for: a query and a place in the pages, beside the scope of every page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from tradewatch.dashboard.scope import Scope
from tradewatch.errors.search.terms import Term, parse, write
from tradewatch.errors.search.terms import term as exact_term
from tradewatch.performance.logs.lines import LEVELS, microseconds
from tradewatch.performance.logs.stored import Stretch

LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Asked:
    query: str = ""
    cursor: str = ""

    def values(self) -> dict[str, str]:
        """Return the parameters that lead here again, but for the cursor."""
        return {"q": self.query} if self.query else {}


def read_asked(parameters: Mapping[str, str]) -> Asked:
    return Asked(parameters.get("q", "").strip(), parameters.get("cursor", ""))


def logs_link(scope: Scope, asked: Asked, path: str = "") -> str:
    """Return the address of the page that is asked for."""
    values = {**scope.values(), **asked.values()}
    if asked.cursor:
        values["cursor"] = asked.cursor
    return (path or reverse("logs")) + ("?" + urlencode(values) if values else "")


def stretch_of(scope: Scope, *, now: datetime) -> Stretch:
    """Return the stretch of the page: the chart's, so that both show the same lines."""
    span = scope.range.chart_span(now)
    return Stretch(scope.project_ids, microseconds(span.start), microseconds(span.end), scope.environment)


def with_term(query: str, key: str, value: str) -> str:
    """Return the query with one more condition; the same one again adds nothing. `query` can be read."""
    terms, wanted = parse(query), exact_term(key, value)
    return write(terms if wanted in terms else [*terms, wanted])


def with_level(terms: Sequence[Term], level: str) -> str:
    """Return the query for lines of `level` and graver ones; empty: of any."""
    others = write([each for each in terms if each.key != LEVEL])
    return f"{others} level:>={level}".strip() if level and level != LEVELS[0] else others


def level_in(terms: Sequence[Term]) -> str:
    """Return the level that the picker has put there; empty where it has not."""
    found = [each for each in terms if each.key == LEVEL and not each.is_negated and len(each.values) == 1]
    if len(found) != 1 or found[0].values[0].operator != ">=":
        return ""
    return found[0].values[0].text


def without(term: Term, terms: Sequence[Term]) -> str:
    return write([each for each in terms if each is not term])


def at_page(asked: Asked, cursor: str) -> Asked:
    return replace(asked, cursor=cursor)
