"""What is waiting in the inbox."""

from django.conf import settings

from tradewatch.inbox import queue_postgres, queue_sqlite
from tradewatch.inbox.models import Cursor
from tradewatch.inbox.queue import DIGEST_CURSOR, Backlog


def backlog() -> Backlog:
    """Return what is accepted and not yet digested."""
    if settings.IS_POSTGRES:
        return queue_postgres.backlog()
    return queue_sqlite.backlog(digest_position())


def digest_position() -> int:
    """Return the id of the last inbox row that was digested (SQLite; 0 at first)."""
    return Cursor.objects.filter(name=DIGEST_CURSOR).values_list("position", flat=True).first() or 0
