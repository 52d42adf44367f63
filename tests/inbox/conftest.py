from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as live_settings

from tradewatch.inbox import queue_postgres, queue_sqlite

collect_ignore = [] if live_settings.IS_POSTGRES else ["test_queue_postgres.py"]  # it needs the real server


@pytest.fixture
def inbox(settings, tmp_path: Path) -> Iterator[Path]:
    """An empty inbox. On PostgreSQL ask for `transactional_db` too: the writer has a connection of its own."""
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    yield settings.INBOX_PATH
    queue_sqlite.close()
    queue_postgres.close()
