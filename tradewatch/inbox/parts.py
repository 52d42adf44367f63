"""A batch cut into parts, each stored in a transaction that holds the write lock only briefly."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tradewatch.inbox.preparing import ROWS_A_BATCH, Prepared

MOST_WEIGHT = ROWS_A_BATCH  # what a batch of plain events comes to


def parts_of(prepared: Sequence[Prepared]) -> Iterator[Sequence[Prepared]]:
    """Yield the rows in order, as many at a time as weigh no more than `MOST_WEIGHT`; at least one."""
    part: list[Prepared] = []
    weight = 0
    for row in prepared:
        own = weight_of(row)
        if part and weight + own > MOST_WEIGHT:
            yield part
            part, weight = [], 0
        part.append(row)
        weight += own
    if part:
        yield part


def weight_of(prepared: Prepared) -> int:
    """Return how many envelopes of an event take as long to store. A draft of more than that says so: `weight`."""
    return 1 + sum(getattr(item.draft, "weight", 1) - 1 for item in prepared.drafted)


@contextmanager
def collecting_later() -> Iterator[None]:
    """Keep the garbage collector away: over all that a batch has prepared it takes longer than storing a part."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
