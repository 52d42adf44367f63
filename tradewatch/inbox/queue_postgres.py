"""The inbox as a table of PostgreSQL: web processes append by COPY, digests claim rows with SKIP LOCKED.

`append` has a connection of its own, so that an answer to a client never waits for Django's pool. What the digest
calls runs on Django's connection, in the digest's transaction: a batch leaves the queue exactly when it is stored.
"""

import os
import threading
from collections.abc import Sequence

import psycopg
from django.db import connection as django_connection

from tradewatch.inbox.models import QueuedEnvelope
from tradewatch.inbox.queue import Arrived, Backlog, Queued

_COPY = "COPY inbox_queue (project_id, received_at, encoding, address, body) FROM STDIN (FORMAT BINARY)"
_TYPES = ("int4", "float8", "varchar", "varchar", "bytea")
_CLAIM = """
WITH locked AS (
    SELECT id, octet_length(body) AS bytes FROM inbox_queue ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
), sized AS (
    SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS bytes_before FROM locked
)
SELECT q.id, q.project_id, q.received_at, q.encoding, q.address, q.body
FROM inbox_queue q JOIN sized USING (id) WHERE sized.bytes_before < %s ORDER BY q.id
"""

_local = threading.local()


def append(batch: Sequence[Arrived]) -> None:
    """Store all of `batch` in one commit, on disk when it returns (PostgreSQL's synchronous_commit)."""
    try:
        with _connection().cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for row in batch:
                copy.write_row((row.project_id, row.received_at, row.encoding, row.address, row.body))
    except psycopg.Error:
        close()  # the server may have gone away: the next batch starts with a fresh connection
        raise


def claim(*, limit: int, max_bytes: int) -> list[Queued]:
    """Return up to `limit` of the oldest rows that nobody else claims, locked until the surrounding transaction ends.

    Stops once their bodies exceed `max_bytes` (at least one row).
    """
    with django_connection.cursor() as cursor:
        cursor.execute(_CLAIM, (limit, max_bytes))
        return [Queued(*row) for row in cursor.fetchall()]


def remove(ids: Sequence[int]) -> None:
    """Delete claimed rows, in the transaction that stored what they held."""
    with django_connection.cursor() as cursor:
        cursor.execute("DELETE FROM inbox_queue WHERE id = ANY(%s)", (list(ids),))


def backlog() -> Backlog:
    """Return what is accepted and not yet digested."""
    pending = QueuedEnvelope.objects.count()
    oldest = QueuedEnvelope.objects.order_by("id").values_list("received_at", flat=True).first()
    return Backlog(pending=pending, oldest_received_at=oldest)


def close() -> None:
    """Close this thread's own connection, if there is one."""
    connection = _local.__dict__.pop("connection", None)
    if connection is not None:
        connection.close()


def _connection() -> psycopg.Connection[tuple[object, ...]]:
    """Return this thread's connection; a fork or another database (tests) opens a new one."""
    home = (os.getpid(), django_connection.settings_dict["NAME"])
    connection: psycopg.Connection[tuple[object, ...]] | None = getattr(_local, "connection", None)
    if connection is None or connection.closed or _local.home != home:
        close()
        connection = psycopg.connect(**django_connection.get_connection_params(), autocommit=True)
        _local.connection, _local.home = connection, home
    return connection
