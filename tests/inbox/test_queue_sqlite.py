import sqlite3
import threading

import pytest

from tests.inbox.builders import make_arrived
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.queue import Backlog

pytestmark = pytest.mark.usefixtures("inbox")


def read_all(position: int = 0):
    return queue_sqlite.read_after(position, limit=10_000, max_bytes=1 << 40)


def test_rows_come_back_as_they_arrived_in_order():
    sent = [make_arrived(b"\x00\xff\n", address="2001:db8::1", encoding="zstd"), make_arrived(b"two", project_id=2)]
    queue_sqlite.append(sent)
    read = read_all()
    assert [(q.project_id, q.received_at, q.encoding, q.address, q.body) for q in read] == [
        (1, 1_000.0, "zstd", "2001:db8::1", b"\x00\xff\n"),
        (2, 1_000.0, "identity", "192.0.2.7", b"two"),
    ]
    assert [q.id for q in read] == [1, 2]


@pytest.mark.parametrize("count", [1, 199, 200, 201, 450])
def test_a_batch_of_any_size_is_one_commit(count):
    queue_sqlite.append([make_arrived(str(number).encode()) for number in range(count)])
    assert [int(q.body) for q in read_all()] == list(range(count))


def test_a_batch_that_fails_midway_stores_nothing():
    broken = make_arrived()
    object.__setattr__(broken, "body", None)  # the column refuses it, in the second statement of the transaction
    with pytest.raises(sqlite3.IntegrityError):
        queue_sqlite.append([make_arrived()] * 250 + [broken])
    assert read_all() == []
    queue_sqlite.append([make_arrived(b"after")])
    assert [q.body for q in read_all()] == [b"after"]


@pytest.mark.parametrize(
    ("position", "limit", "max_bytes", "ids"),
    [
        (0, 10, 1_000, [1, 2, 3, 4]),
        (2, 10, 1_000, [3, 4]),
        (0, 3, 1_000, [1, 2, 3]),
        (0, 10, 1, [1]),
        (0, 10, 11, [1, 2]),
        (4, 10, 1_000, []),
    ],
)
def test_reading_is_bounded_by_rows_and_bytes(position, limit, max_bytes, ids):
    queue_sqlite.append([make_arrived(b"x" * 10)] * 4)
    assert [q.id for q in queue_sqlite.read_after(position, limit=limit, max_bytes=max_bytes)] == ids


def test_deleting_spares_young_rows_and_those_after_the_position():
    queue_sqlite.append([make_arrived(received_at=float(second)) for second in range(1, 6)])
    assert queue_sqlite.delete_up_to(4, older_than=3.0) == 2
    assert [q.id for q in read_all()] == [3, 4, 5]


def test_deleting_takes_what_a_clock_that_was_ahead_wrote():
    queue_sqlite.append([make_arrived(received_at=second) for second in (1.0, 90.0, 2.0, 5.0, 91.0)])
    assert queue_sqlite.delete_up_to(4, older_than=3.0, newer_than=60.0) == 3
    assert [q.received_at for q in read_all()] == [5.0, 91.0]


def test_a_stretch_of_rows_of_the_future_does_not_keep_those_behind_it():
    queue_sqlite.append([make_arrived(received_at=90.0)] * 1_200 + [make_arrived(received_at=1.0)] * 10)
    assert queue_sqlite.delete_up_to(1_210, older_than=3.0, newer_than=60.0) == 1_210


def test_deleting_does_not_look_through_the_young(monkeypatch):
    queue_sqlite.append([make_arrived(received_at=1.0)] * 600 + [make_arrived(received_at=9.0)] * 3_000)
    looked_at = []
    ends = queue_sqlite._end_of_step
    monkeypatch.setattr(queue_sqlite, "_end_of_step", lambda *asked: looked_at.append(end := ends(*asked)) or end)
    assert queue_sqlite.delete_up_to(3_600, older_than=3.0) == 600
    assert looked_at == [500, 1_000, 1_500]


def test_deleting_goes_on_over_many_small_transactions():
    queue_sqlite.append([make_arrived()] * 1_200)
    assert queue_sqlite.delete_up_to(1_100, older_than=2_000.0) == 1_100
    assert len(read_all()) == 100


def test_deleting_shrinks_the_file(inbox, monkeypatch):
    monkeypatch.setattr(queue_sqlite, "_SPARE_PAGES", 10)
    queue_sqlite.append([make_arrived(b"x" * 4_000)] * 400)
    queue_sqlite.delete_up_to(400, older_than=2_000.0)
    queue_sqlite.close()  # the last connection checkpoints
    assert inbox.stat().st_size < 100_000


def test_ids_are_not_used_again_after_everything_was_deleted():
    queue_sqlite.append([make_arrived()] * 3)
    queue_sqlite.delete_up_to(3, older_than=2_000.0)
    queue_sqlite.append([make_arrived()])
    assert [q.id for q in read_all()] == [4]


@pytest.mark.parametrize(("stored", "position", "next_id"), [(0, 70, 71), (2, 70, 71), (2, 1, 3), (0, 0, 1)])
def test_a_fresh_file_beside_an_older_database_counts_on_from_the_cursor(stored, position, next_id):
    queue_sqlite.append([make_arrived()] * stored) if stored else None
    queue_sqlite.never_reuse_ids_up_to(position)
    queue_sqlite.append([make_arrived()])
    assert read_all()[-1].id == next_id


@pytest.mark.parametrize(
    ("position", "expected"),
    [(0, Backlog(3, 1.0)), (1, Backlog(2, 2.0)), (3, Backlog(0, None)), (9, Backlog(0, None))],
)
def test_backlog_is_what_lies_after_the_position(position, expected):
    queue_sqlite.append([make_arrived(received_at=float(second)) for second in (1, 2, 3)])
    assert queue_sqlite.backlog(position) == expected


def test_backlog_does_not_count_rows_deleted_before_an_old_position():
    queue_sqlite.append([make_arrived(received_at=float(second)) for second in (1, 2, 3)])
    queue_sqlite.delete_up_to(2, older_than=10.0)
    assert queue_sqlite.backlog(0) == Backlog(1, 3.0)


def test_another_thread_sees_what_was_committed():
    queue_sqlite.append([make_arrived()])
    seen = []

    def look() -> None:
        seen.extend(read_all())
        queue_sqlite.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert len(seen) == 1


def test_commits_are_synchronous_and_logged_ahead(inbox):
    connection = queue_sqlite._connection()
    pragmas = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]  # 2 is FULL: NORMAL would lose the last commits with the power
    assert connection.execute("PRAGMA auto_vacuum").fetchone()[0] == 2  # INCREMENTAL
