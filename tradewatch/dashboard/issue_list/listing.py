"""A page of found issues in the order asked for, and the cursor of the page after it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from tradewatch.core.faults import Invalid
from tradewatch.core.paging import read_page
from tradewatch.dashboard.issue_list.ranking import Scores
from tradewatch.errors.choices import IssueSort
from tradewatch.errors.models import Issue

ORDERS: Mapping[str, tuple[str, ...]] = {
    IssueSort.LAST_SEEN: ("-last_seen_at", "-id"),
    IssueSort.FIRST_SEEN: ("-first_seen_at", "-id"),
    IssueSort.USERS: ("-user_count", "-id"),
}
RANKED = (IssueSort.FREQUENCY, IssueSort.TREND)
IDS_A_STEP = 250
_RANKED_CURSOR = re.compile(r"(?P<id>\d{1,18})@(?P<score>\d[\d.]{0,24}(?:e[+-]\d{1,3})?)", re.ASCII)
_REST = "rest."


@dataclass(frozen=True, slots=True)
class Listing:
    rows: list[Issue]
    next: str | None


def read_listing(found: QuerySet[Issue], *, sort: str, cursor: str, size: int, scores: Scores | None = None) -> Listing:
    """Return a page of `found`. Ranked orders need `scores`; issues without one come after those with, by last seen.

    Raises `Invalid` for a cursor that is not ours.
    """
    if scores is None:
        page = read_page(found, order=ORDERS[sort], cursor=cursor or None, size=size)
        return Listing(page.rows, page.next)
    if cursor.startswith(_REST):
        return _rest(found, scores, cursor.removeprefix(_REST), size)
    rows = _ranked(found, _after(scores.ranked, cursor), size + 1)
    if len(rows) > size:
        last = rows[size - 1]
        return Listing(rows[:size], f"{last.pk}@{scores.by_issue[last.pk]!r}")
    if len(rows) == size:
        return Listing(rows, _REST if _unranked(found, scores).exists() else None)
    rest = _rest(found, scores, "", size - len(rows))
    return Listing([*rows, *rest.rows], rest.next)


def _after(ranked: Sequence[tuple[float, int]], cursor: str) -> Sequence[int]:
    """Return the issue ids that come after the cursor. A score that changed meanwhile may show an issue twice."""
    if not cursor:
        return [issue_id for _, issue_id in ranked]
    last = _read_cursor(cursor)
    return [issue_id for score, issue_id in ranked if (score, issue_id) < last]


def _read_cursor(cursor: str) -> tuple[float, int]:
    place = _RANKED_CURSOR.fullmatch(cursor)
    try:
        if place is not None:
            return float(place["score"]), int(place["id"])
    except ValueError:  # 1.2.3
        pass
    raise Invalid("bad cursor", errors={"cursor": ["take it from the page before"]})


def _ranked(found: QuerySet[Issue], ids: Sequence[int], wanted: int) -> list[Issue]:
    """Return the first `wanted` of `ids` that are found, in their order, asked for in steps."""
    rows: list[Issue] = []
    for start in range(0, len(ids), IDS_A_STEP):
        step = ids[start : start + IDS_A_STEP]
        known = {issue.pk: issue for issue in found.filter(pk__in=step)}
        rows += [known[issue_id] for issue_id in step if issue_id in known]
        if len(rows) >= wanted:
            break
    return rows[:wanted]


def _rest(found: QuerySet[Issue], scores: Scores, cursor: str, size: int) -> Listing:
    page = read_page(_unranked(found, scores), order=ORDERS[IssueSort.LAST_SEEN], cursor=cursor or None, size=size)
    return Listing(page.rows, f"{_REST}{page.next}" if page.next else None)


def _unranked(found: QuerySet[Issue], scores: Scores) -> QuerySet[Issue]:
    return found.exclude(pk__in=list(scores.by_issue)) if scores.by_issue else found
