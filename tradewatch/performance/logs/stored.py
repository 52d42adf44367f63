"""Blocks as they lie in the database, the newest first.

One statement a project reads all of them as they were when it began: lines that are packed anew meanwhile are neither
missed nor met twice.
"""

import heapq
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BinaryField, F, Lookup

from tradewatch.performance.logs.blocks import STORED, Block, stored_block
from tradewatch.performance.logs.lines import HOUR_US
from tradewatch.performance.models import LogBlock

BLOCKS_AT_ONCE = 16


@BinaryField.register_lookup
class Holds(Lookup):
    """`trace_ids__holds=b"..."`: these bytes stand somewhere in the column."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"position(%s::bytea in {left}) > 0", (self.rhs, *parameters)
        return f"instr({left}, %s) > 0", (*parameters, self.rhs)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which blocks are asked for: those with lines in [start_us, end_us), of some level of `levels` (bits; 0: any)."""

    project_ids: Sequence[int]
    start_us: int
    end_us: int
    environment: str = ""  # empty: all
    levels: int = 0
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and where it lies: no line of it is later than `last_us`."""

    block: Block
    first_us: int
    last_us: int


def blocks_within(stretch: Stretch) -> Iterator[Placed]:
    """Yield the blocks, ordered by their last line, the newest first."""
    with ExitStack() as stack:
        stack.enter_context(_reading())
        streams = [stack.enter_context(closing(_of_project(each, stretch))) for each in stretch.project_ids]
        yield from heapq.merge(*streams, key=lambda placed: placed.last_us, reverse=True)


def _reading() -> AbstractContextManager[Any]:
    """On PostgreSQL a cursor that outlives its statement needs a transaction; on SQLite one would lock out writers."""
    return transaction.atomic() if settings.IS_POSTGRES else nullcontext()


def _of_project(project_id: int, stretch: Stretch) -> Generator[Placed, None, None]:
    found = LogBlock.objects.filter(
        project_id=project_id,
        last_us__gte=stretch.start_us,
        last_us__lt=stretch.end_us + HOUR_US,  # a block lies within an hour
        first_us__lt=stretch.end_us,
    )
    if stretch.environment:
        found = found.filter(environment=stretch.environment)
    if stretch.levels:
        found = found.annotate(met=F("levels").bitand(stretch.levels)).exclude(met=0)
    if stretch.trace_id:
        found = found.filter(trace_ids__holds=bytes.fromhex(stretch.trace_id))
    rows = found.order_by("-last_us").values_list("first_us", "last_us", *STORED)
    for first_us, last_us, *values in rows.iterator(chunk_size=BLOCKS_AT_ONCE):
        yield Placed(stored_block(values), first_us, last_us)
