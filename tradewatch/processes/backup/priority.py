import contextlib
import os

import psutil


def lower_priority() -> None:
    """Let everything else go first: ingest, pages and digesting must not feel this process."""
    with contextlib.suppress(OSError):
        os.nice(10)
    with contextlib.suppress(psutil.Error, OSError, AttributeError):  # not every system has it
        psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)
