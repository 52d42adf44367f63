"""How much of a PostgreSQL table's file holds no row. Pure: sizes and counts in, bytes out.

Deleted rows do not make the file smaller: once vacuumed, their place is filled before the file grows.
"""

PAGE_BYTES = 8192
LEAST_PAGES = 128  # of a table that is looked at
SAMPLED_PAGES = 100
_HEAD_BYTES = 24  # of a page
_POINTER_BYTES = 4  # of a row on its page
_ALIGNED = 8
_LARGEST_ON_PAGE = 2032  # what is larger lies in pieces elsewhere, which fill their pages well
_PIECES = 1.04


def free_within(table_bytes: int, rows: float, row_bytes: float | None) -> int:
    """Return the bytes that `rows` of so many bytes on average leave of the table. None: no row was met: 0 if there are
    some."""
    if rows <= 0:
        return table_bytes
    return 0 if row_bytes is None else max(0, int(table_bytes - rows * bytes_packed(row_bytes)))


def bytes_packed(row_bytes: float) -> float:
    """Return what a row takes of the file when as many lie on each page as fit there."""
    if row_bytes > _LARGEST_ON_PAGE:
        return row_bytes * _PIECES
    taken = -(-row_bytes // _ALIGNED) * _ALIGNED + _POINTER_BYTES
    return PAGE_BYTES / ((PAGE_BYTES - _HEAD_BYTES) // taken)
