"""Acts that run at the same moment, each until the database took it."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError

from tradewatch.core import bulk

Result = TypeVar("Result")
PATIENCE_SECONDS = 60


def until_done(act: Callable[[], Result]) -> Result:
    """Return what it returns. SQLite in memory, as tests have it, refuses at once where a file lets a writer wait."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return act()
        except DatabaseError as error:
            if not bulk.is_outage(error) or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(0.001, 0.05))  # in step with each other they would refuse each other for ever
