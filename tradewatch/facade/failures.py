"""What the facade could not do: counted and logged, never raised into the code that is being watched.

The counts are those of this process since its start.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_counts: Counter[str] = Counter()
_raises = False


def raise_failures(raises: bool = True) -> None:
    """Let failures surface after they were counted (for tests); False: swallow them again, as in production."""
    global _raises
    _raises = raises


@contextmanager
def swallowed(operation: str) -> Iterator[None]:
    """Count whatever the block raises under `operation` and go on after the block."""
    try:
        yield
    except Exception as error:
        count_failure(operation, type(error).__name__)
        if _raises:
            raise


def count_failure(operation: str, reason: str) -> None:
    # `reason` is an error's class or a status, not its text, which may quote what was being sent. A warning, not an
    # error: the application's SDK turns logged errors into events, and this would answer a failure with another.
    logger.warning("facade failed operation=%s reason=%s", operation, reason)
    with _lock:
        _counts[operation] += 1


def failure_counts() -> dict[str, int]:
    """Return {operation: failures}; empty when nothing failed."""
    with _lock:
        return dict(_counts)


def forget_failures() -> None:
    with _lock:
        _counts.clear()
