"""Python's cycle collector in processes that digest."""

import gc
import time

OBJECTS_A_COLLECTION = 100_000
SECONDS_A_COLLECTION = 10.0


class _Turns:
    """When this process last looked for cycles by itself (monotonic); None while nobody spared it the looking."""

    last: float | None = None


def spare_the_collector() -> None:
    """Let Python look for reference cycles less often; the digest makes hardly any.

    A batch holds tens of thousands of objects at once, all of which live until it is stored: by default they are looked
    through dozens of times, and all that was ever imported with them. Who digests calls `collect_if_due` between two.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS_A_COLLECTION, 10, 10)
    _Turns.last = time.monotonic()


def collect_if_due() -> None:
    """Between two batches, when next to nothing of them is alive: let go of the cycles that the last ones left.

    There are a few, such as a kept transaction and its payload. Python itself would come for them when there are
    `OBJECTS_A_COLLECTION`: after most of an hour, and 20 MB. Does nothing in a process that was not spared.
    """
    if _Turns.last is not None and time.monotonic() - _Turns.last >= SECONDS_A_COLLECTION:
        gc.collect()
        _Turns.last = time.monotonic()
