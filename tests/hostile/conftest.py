"""The walks also send test events: what they queue is theirs, and gone with them."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from django.db import connection

from tradewatch.inbox.models import QueuedEnvelope


@pytest.fixture(autouse=True)
def _no_log() -> Iterator[None]:
    """Thousands of refusals, each logged with its traceback, would be kept in memory."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _own_queue(inbox: Path) -> Iterator[None]:
    yield
    if live_settings.IS_POSTGRES:
        _empty_table()


def _empty_table() -> None:
    """Delete by a connection of its own, as the writer has: the test's will be rolled back."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"DELETE FROM {QueuedEnvelope._meta.db_table}")
    finally:
        other.close()
