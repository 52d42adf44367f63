"""The found issues as CSV: streamed, at most `MOST_ROWS`, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import QuerySet

from tradewatch.core.csv_cells import UTF8_MARK, Echo, safe_cell
from tradewatch.dashboard.issue_list.rows import assignee_name
from tradewatch.errors.models import Issue

MOST_ROWS = 10_000
ROWS_A_STEP = 500
COLUMNS = (
    *("issue", "project", "title", "culprit", "level", "category", "priority", "state", "assignee"),
    *("events", "users", "first_seen", "last_seen", "first_release", "last_release", "link"),
)


def csv_lines(found: QuerySet[Issue], *, order: Iterable[str]) -> Iterator[str]:
    """Yield the file line by line. The last one says so where more were found than are in it."""
    writer = csv.writer(Echo())
    yield UTF8_MARK + writer.writerow(COLUMNS)
    rows = found.select_related("project", "assignee", "assigned_team", "first_release", "last_release")
    for number, issue in enumerate(rows.order_by(*order)[: MOST_ROWS + 1].iterator(chunk_size=ROWS_A_STEP)):
        if number == MOST_ROWS:
            yield writer.writerow([f"only the first {MOST_ROWS:,} are here: narrow the search for the others"])
            return
        yield writer.writerow([safe_cell(value) for value in _cells(issue)])


def _cells(issue: Issue) -> tuple[object, ...]:
    return (
        *(f"#{issue.number}", issue.project.slug, issue.title, issue.culprit, issue.severity, issue.category),
        *(issue.priority, issue.state, assignee_name(issue), issue.event_count, issue.user_count),
        *(issue.first_seen_at.isoformat(timespec="seconds"), issue.last_seen_at.isoformat(timespec="seconds")),
        *(str(issue.first_release or ""), str(issue.last_release or "")),
        settings.PUBLIC_URL + issue.get_absolute_url(),
    )
