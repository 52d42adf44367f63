"""What the commands print: numbers and names of tables, nothing of what is stored."""

from collections.abc import Mapping
from typing import Any

from tradewatch.processes.backup.dumping import Sum


def size_words(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"


def header_words(header: Mapping[str, Any]) -> str:
    what = "configuration alone" if header["configuration"] else "everything"
    key = ", with the secret key" if "secret_key" in header else ""
    return f"made {header['made_at']} by TradeWatch {header['made_by']} on {header['database']}: {what}{key}"


def sums_table(sums: Mapping[str, Sum]) -> list[str]:
    """Return the lines of a table: each table that holds rows, its rows, and their hash."""
    shown = {name: each for name, each in sorted(sums.items()) if each.rows}
    width = max((len(name) for name in shown), default=5)
    lines = [f"{'table':<{width}}  {'rows':>12}  checksum"]
    lines += [f"{name:<{width}}  {each.rows:>12,}  {each.hash}" for name, each in shown.items()]
    rows = sum(each.rows for each in sums.values())
    return [*lines, f"{len(sums)} tables, {len(sums) - len(shown)} of them empty, {rows:,} rows"]
