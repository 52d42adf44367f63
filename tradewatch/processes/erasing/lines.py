"""Log lines of one person: a block is taken apart, its lines rewritten, and packed again, each line in its place."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import orjson
import zstandard

from tradewatch.performance.logs.blocks import STORED, blocks_of, stored_block
from tradewatch.performance.logs.columns import BETWEEN, table_of
from tradewatch.performance.logs.lines import Line
from tradewatch.processes.erasing.forms import Row, Unreadable
from tradewatch.processes.erasing.rewriting import Rewriting

COLUMNS = (*STORED, "is_loose")
_PACKED = ("trace_ids", "heads", "bodies", "attributes", "levels")


def plain_bytes(row: Row) -> bytes:
    """Return all that the lines say, for a first look. Raises `Unreadable`."""
    with _reading():
        block = stored_block([row[name] for name in STORED])
        values = {name: column.values for name, column in block.attributes.items()}
        return block.text.encode("utf-8", "surrogatepass") + orjson.dumps(values, default=str)


def rewritten(row: Row, rewriting: Rewriting) -> dict[str, Any]:
    """Return {column: new value} of the block without the person. Raises `Unreadable`."""
    with _reading():
        block = stored_block([row[name] for name in STORED])
        lines = [block.line(at) for at in range(block.line_count)]
    lines = [_line(line, rewriting) for line in lines]
    (draft,) = blocks_of(
        table_of(lines), project_id=row["project_id"], environment=row["environment"], is_loose=row["is_loose"]
    )
    return {name: getattr(draft, name) for name in _PACKED}


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (zstandard.ZstdError, msgspec.DecodeError, ValueError, LookupError) as error:
        raise Unreadable("no block of lines") from error


def _line(line: Line, rewriting: Rewriting) -> Line:
    attributes = rewriting.value(dict(line.attributes))
    return replace(line, body=rewriting.text(line.body).replace(BETWEEN, " "), attributes=attributes)
