from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from tradewatch.core.tables.portable import from_postgres, from_sqlite, json_text

JSONB = [  # as SQLite keeps what was written, and as PostgreSQL 16 gives the same document back from jsonb
    ('{"b": 1, "aa": [true, null]}', '{"b": 1, "aa": [true, null]}', '{"aa":[true,null],"b":1}'),
    ('{"a": 1, "a": 2}', '{"a": 2}', '{"a":2}'),
    ("1e+16", "10000000000000000", "10000000000000000"),
    ("1.2345678901234568e+18", "1234567890123456800", "1234567890123456800"),
    ("1e+22", "10000000000000000000000", "1e+22"),
    ("1e-07", "0.0000001", "1e-7"),
    ("[-0.0, 1.0]", "[0.0, 1.0]", "[0.0,1.0]"),
    ("1764167000123456789", "1764167000123456789", "1764167000123456789"),
    ('"caf\\u00e9 1e5"', '"café 1e5"', '"café 1e5"'),
]


@pytest.mark.parametrize(("kept", "given_back", "portable"), JSONB)
def test_json_reads_the_same_whichever_database_had_it(kept: str, given_back: str, portable: str) -> None:
    assert json_text(kept) == json_text(given_back) == json_text(portable) == portable


PAIRS = [
    ("datetime", "2026-11-26 14:30:00.000001", datetime(2026, 11, 26, 14, 30, 0, 1, tzinfo=UTC)),
    ("datetime", "2026-11-26 14:30:00", datetime(2026, 11, 26, 15, 30, tzinfo=timezone(timedelta(hours=1)))),
    ("datetime", "2026-11-26 14:30:00.120", datetime(2026, 11, 26, 14, 30, 0, 120_000, tzinfo=UTC)),
    ("datetime", "2026-11-26 14:30:00.000", datetime(2026, 11, 26, 14, 30, tzinfo=UTC)),
    ("date", "2026-11-26", date(2026, 11, 26)),
    ("time", "09:30:00", time(9, 30)),
    ("uuid", "0" * 31 + "7", UUID(int=7)),
    ("bool", 1, True),
    ("decimal:3", 99.9, Decimal("99.900")),
    ("decimal:2", 5, Decimal("5.00")),
    ("decimal:2", -0.07, Decimal("-0.07")),
    ("bytes", b"\x00\xff", b"\x00\xff"),
    ("plain", "text", "text"),
]


@pytest.mark.parametrize(("kind", "of_sqlite", "of_postgres"), PAIRS)
def test_values_read_the_same_whichever_database_had_them(kind: str, of_sqlite: object, of_postgres: object) -> None:
    one, other = from_sqlite(kind), from_postgres(kind)
    assert (one(of_sqlite) if one else of_sqlite) == (other(of_postgres) if other else of_postgres)
