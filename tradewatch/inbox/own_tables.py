"""Whether the tables are those that this process was written for: they are not once an upgrade migrates them under it.

What fails then is not the fault of what was being stored: it waits until the process is started again.
"""

import logging
import os
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from tradewatch.core import bulk

logger = logging.getLogger(__name__)

Standing = tuple[int, int]  # how many migrations are recorded, and the last one's id


def note_tables() -> None:
    """Remember the tables as they are now; called when nothing has failed yet, and once a process."""
    _first_seen(os.getpid(), connection.settings_dict["NAME"])


def is_state(error: Exception) -> bool:
    """Tell whether the database refused for a state of its own, or of its tables: not for what was asked or written."""
    if not isinstance(error, DatabaseError):
        return False
    if bulk.is_outage(error):
        return True
    if are_ours():
        return False
    logger.warning("digest waits: the tables were migrated under this process, start it again")
    return True


def are_ours() -> bool:
    """Tell whether they are as this process first saw them, and as its code wants them."""
    first = _first_seen(os.getpid(), connection.settings_dict["NAME"])
    return _standing() == first and not _misses(first)


def forget_tables() -> None:
    """For tests, whose tables are others': see them for the first time again."""
    _first_seen.cache_clear()
    _misses.cache_clear()


@cache
def _first_seen(process: int, database: str) -> Standing:
    return _standing()


def _standing() -> Standing:
    recorded = MigrationRecorder(connection).migration_qs
    last = recorded.order_by("-id").values_list("id", flat=True).first()
    return recorded.count(), last or 0


@cache
def _misses(standing: Standing) -> bool:
    """Tell whether the code has migrations that were not applied: a process of it that came before `migrate`."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
