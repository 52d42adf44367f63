"""Long tables looked through in order of time, so many rows at once."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet


def portions(rows: QuerySet[Any], moment: str, *columns: str, most: int) -> Iterator[list[tuple[Any, ...]]]:
    """Yield lists of (pk, moment, *columns), at least one, at most `most` rows in each.

    Of rows with one and the same moment, those beyond the end of a portion are left out.
    """
    ordered = rows.order_by(moment, "pk").values_list("pk", moment, *columns)
    after = None
    while True:
        found = list((ordered if after is None else ordered.filter(**{f"{moment}__gt": after}))[:most])
        yield found
        if len(found) < most:
            return
        after = found[-1][1]
