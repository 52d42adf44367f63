"""Python's cycle collector in processes that digest."""

import gc

OBJECTS_A_COLLECTION = 100_000


def spare_the_collector() -> None:
    """Let Python look for reference cycles less often; the digest makes hardly any.

    A batch holds tens of thousands of objects at once, all of which live until it is stored: by default they are looked
    through dozens of times, and all that was ever imported with them.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS_A_COLLECTION, 10, 10)
