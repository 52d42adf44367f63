"""The reading end: issues that a query finds."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from tradewatch.errors.models import Issue, TagCount
from tradewatch.errors.search.asking import Asking
from tradewatch.errors.search.conditions import condition
from tradewatch.errors.search.terms import Term, parse


def find_issues(query: str, asking: Asking, *, environment: str = "") -> QuerySet[Issue]:
    """Return the issues of the asker's projects that fit `query`, merged ones in their target. Raises `BadQuery`."""
    return find_by_terms(parse(query), asking, environment=environment)


def find_by_terms(terms: Sequence[Term], asking: Asking, *, environment: str = "") -> QuerySet[Issue]:
    """The same for a query that is read already.

    `environment`: those with an event from there. Asked row by row, because most issues have one: the list stops after
    a page of them.
    """
    listed = Issue.objects.filter(project__in=asking.project_ids, merged_into=None, is_simulated=False)
    found = listed.filter(condition(terms, asking))
    if environment:
        met = TagCount.objects.filter(issue=OuterRef("pk"), key="environment", value=environment)
        found = found.filter(Exists(met))
    return found
