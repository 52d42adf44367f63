"""Finding the one row that somebody names."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from tradewatch.core.faults import Unknown

Row = TypeVar("Row", bound=Model)


def the_one(rows: QuerySet[Row], pk: object, what: str) -> Row:
    """Return the row of that key among those. Raises `Unknown`: "no such {what}", also for what is not to be seen."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Unknown(f"no such {what}")
    return row
