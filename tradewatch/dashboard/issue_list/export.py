"""The found issues as CSV: streamed, at most `MOST_ROWS`, safe to open in a spreadsheet."""

from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings
from django.db.models import QuerySet

from tradewatch.core.csv_cells import csv_lines
from tradewatch.dashboard.issue_list.rows import assignee_name
from tradewatch.errors.models import Issue

MOST_ROWS = 10_000
ROWS_A_STEP = 500
COLUMNS = (
    *("issue", "project", "title", "culprit", "level", "category", "priority", "state", "assignee"),
    *("events", "users", "first_seen", "last_seen", "first_release", "last_release", "link"),
)


def issue_lines(found: QuerySet[Issue], *, order: Iterable[str]) -> Iterator[str]:
    """Yield the file line by line. The last one says so where more were found than are in it."""
    return csv_lines(COLUMNS, _rows(found, order))


def _rows(found: QuerySet[Issue], order: Iterable[str]) -> Iterator[Sequence[object]]:
    rows = found.select_related("project", "assignee", "assigned_team", "first_release", "last_release")
    for number, issue in enumerate(rows.order_by(*order)[: MOST_ROWS + 1].iterator(chunk_size=ROWS_A_STEP)):
        if number == MOST_ROWS:
            yield [f"only the first {MOST_ROWS:,} are here: narrow the search for the others"]
            return
        yield _cells(issue)


def _cells(issue: Issue) -> tuple[object, ...]:
    return (
        *(f"#{issue.number}", issue.project.slug, issue.title, issue.culprit, issue.severity, issue.category),
        *(issue.priority, issue.state, assignee_name(issue), issue.event_count, issue.user_count),
        *(issue.first_seen_at.isoformat(timespec="seconds"), issue.last_seen_at.isoformat(timespec="seconds")),
        *(str(issue.first_release or ""), str(issue.last_release or "")),
        settings.PUBLIC_URL + issue.get_absolute_url(),
    )
