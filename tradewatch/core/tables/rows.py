"""What both databases need to read a table."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tradewatch.core.tables.portable import Convert, Table


def quoted_names(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.names)


def converted(rows: Iterable[Sequence[Any]], converters: Sequence[Convert | None]) -> Iterator[Sequence[Any]]:
    """Yield `rows` with each column through its converter; None stays None."""
    steps = [(at, convert) for at, convert in enumerate(converters) if convert is not None]
    if not steps:
        yield from rows
        return
    for row in rows:
        values = list(row)
        for at, convert in steps:
            if values[at] is not None:
                values[at] = convert(values[at])
        yield values
