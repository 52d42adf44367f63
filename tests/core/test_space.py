"""How much of a table's file holds no row: a table of numbers, and PostgreSQL's own pages."""

import pytest
from django.conf import settings
from django.db import connection

from tradewatch.core import bulk
from tradewatch.core.bulk.space import PAGE_BYTES, bytes_packed, free_within

MB = 1 << 20


@pytest.mark.parametrize(
    ("row_bytes", "packed"),
    [(1953, PAGE_BYTES / 4), (95.7, PAGE_BYTES / 81), (169.3, PAGE_BYTES / 45), (5000, 5200), (1, PAGE_BYTES / 680)],
)
def test_a_row_takes_its_share_of_a_page(row_bytes: float, packed: float) -> None:
    assert bytes_packed(row_bytes) == pytest.approx(packed)


@pytest.mark.parametrize(
    ("size", "rows", "row_bytes", "free"),
    [
        (8 * MB, 0, None, 8 * MB),  # all of it went
        (8 * MB, 7, None, 0),  # no row was met: nothing is known
        (8 * MB, 4096, 1953, 0),  # full
        (8 * MB, 1024, 1953, 6 * MB),
        (8 * MB, 5000, 1953, 0),  # counts run ahead
    ],
)
def test_what_rows_leave_of_a_table(size: int, rows: float, row_bytes: float | None, free: int) -> None:
    assert free_within(size, rows, row_bytes) == free


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not settings.IS_POSTGRES, reason="SQLite itself says how many of its pages are free")
def test_the_place_of_deleted_rows_is_room_and_filled_before_the_file_grows() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept_for_a_test (id integer, data bytea)")
        try:
            fill = "INSERT INTO kept_for_a_test SELECT n, decode(repeat(md5(n::text), 60), 'hex') FROM generate_series"
            cursor.execute(f"{fill}(1, 8000) AS n")
            unknown = bulk.free_bytes()
            cursor.execute("ANALYZE kept_for_a_test")
            full = bulk.free_bytes()
            cursor.execute("DELETE FROM kept_for_a_test WHERE id % 4 < 3")
            assert bulk.free_bytes() - full == pytest.approx(6 * 8000 * 1024 / 8, rel=0.1)
            assert abs(full - unknown) < MB / 2
            bulk.vacuum_early(["kept_for_a_test"])
            cursor.execute("VACUUM kept_for_a_test")
            size = bulk.database_bytes()
            cursor.execute(f"{fill}(1, 5000) AS n")
            assert bulk.database_bytes() - size < MB / 2
            assert bulk.free_bytes() - full < 2 * MB
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'kept_for_a_test'")
            assert cursor.fetchone() == (["autovacuum_vacuum_scale_factor=0.02"],)
            cursor.execute("ALTER TABLE kept_for_a_test SET (autovacuum_vacuum_scale_factor = 0.5)")
            bulk.vacuum_early(["kept_for_a_test"])
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'kept_for_a_test'")
            assert cursor.fetchone() == (["autovacuum_vacuum_scale_factor=0.5"],)
        finally:
            cursor.execute("DROP TABLE kept_for_a_test")
