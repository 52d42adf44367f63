import threading

import psycopg
import pytest
from django.db import connection, transaction

from tests.inbox.builders import make_arrived
from tradewatch.inbox import queue_postgres
from tradewatch.inbox.queue import Backlog

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inbox")]


def claim_all(limit: int = 1_000, max_bytes: int = 1 << 40):
    with transaction.atomic():
        return queue_postgres.claim(limit=limit, max_bytes=max_bytes)


def test_rows_come_back_as_they_arrived_in_order():
    queue_postgres.append([make_arrived(b"\x00\xff\n", encoding="zstd"), make_arrived(b"two", project_id=2)])
    assert [(q.project_id, q.received_at, q.encoding, q.address, q.body) for q in claim_all()] == [
        (1, 1_000.0, "zstd", "192.0.2.7", b"\x00\xff\n"),
        (2, 1_000.0, "identity", "192.0.2.7", b"two"),
    ]


def test_a_batch_that_fails_stores_nothing_and_the_next_one_works():
    with pytest.raises((psycopg.Error, TypeError)):
        queue_postgres.append([make_arrived(), make_arrived(encoding="longer than eight")])
    queue_postgres.append([make_arrived(b"after")])
    assert [q.body for q in claim_all()] == [b"after"]


@pytest.mark.parametrize(
    ("limit", "max_bytes", "count"), [(10, 1_000, 4), (3, 1_000, 3), (10, 1, 1), (10, 11, 2), (10, 20, 2)]
)
def test_claims_are_bounded_by_rows_and_bytes(limit, max_bytes, count):
    queue_postgres.append([make_arrived(b"x" * 10)] * 4)
    assert len(claim_all(limit, max_bytes)) == count


def test_two_digests_never_hold_the_same_row():
    queue_postgres.append([make_arrived()] * 4)
    elsewhere = []

    def claim_elsewhere() -> None:
        elsewhere.extend(claim_all())
        connection.close()

    with transaction.atomic():
        here = queue_postgres.claim(limit=2, max_bytes=1 << 40)
        thread = threading.Thread(target=claim_elsewhere)
        thread.start()
        thread.join()
    assert len(here) == len(elsewhere) == 2
    assert {q.id for q in here}.isdisjoint(q.id for q in elsewhere)


def test_rows_leave_with_the_transaction_and_come_back_when_it_fails():
    queue_postgres.append([make_arrived()] * 2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue_postgres.remove([q.id for q in queue_postgres.claim(limit=2, max_bytes=1_000)])
        _ = 1 / 0
    assert queue_postgres.backlog().pending == 2
    with transaction.atomic():
        queue_postgres.remove([q.id for q in queue_postgres.claim(limit=1, max_bytes=1_000)])
    assert queue_postgres.backlog() == Backlog(1, 1_000.0)


def test_backlog_of_an_empty_queue():
    assert queue_postgres.backlog() == Backlog(0, None)


def test_append_reconnects_after_the_server_dropped_the_connection():
    queue_postgres.append([make_arrived()])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [queue_postgres._connection().info.backend_pid])
    with pytest.raises(psycopg.Error):
        queue_postgres.append([make_arrived()])
    queue_postgres.append([make_arrived()])
    assert queue_postgres.backlog().pending == 2
