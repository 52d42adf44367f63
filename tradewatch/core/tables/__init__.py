"""Raw SQL over whole tables: all rows of a table in one snapshot, out of one database and into the other.

One module for each database holds what differs. Between them rows are plain values that read the same whichever
database they came from (`portable`), so that their checksums can be compared.
"""

from tradewatch.core.tables.portable import Column, Table, columns_of, table_of
from tradewatch.core.tables.store import Source, fill, own_source, raise_last_ids, snapshot, used_bytes

__all__ = [
    "Column",
    "Source",
    "Table",
    "columns_of",
    "fill",
    "own_source",
    "raise_last_ids",
    "snapshot",
    "table_of",
    "used_bytes",
]
