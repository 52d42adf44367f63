from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.inbox.drift import clock_drift

RECEIVED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent_at", "minutes"),
    [
        ("2026-11-23T12:00:00Z", 0),
        ("2026-11-23T11:05:01Z", 0),
        ("2026-11-23T11:05:00Z", 55),
        ("2026-11-23T12:54:59.000000Z", 0),
        ("2026-11-23T12:55:00Z", -55),
        ("2026-11-23T13:00:00+01:00", 0),
        ("2026-11-23T10:00:00", 120),  # no zone: UTC
        ("2025-11-23T12:00:00Z", 365 * 24 * 60),
        ("yesterday", 0),
        ("", 0),
        ("1970-01-01T00:00:00Z", 29923920),  # a clock that was never set
        ("0001-01-01T00:00:00+14:00", 0),
        (None, 0),
        (1_700_000_000, 0),
        ({"at": 1}, 0),
    ],
)
def test_drift_counts_from_55_minutes(sent_at, minutes):
    assert clock_drift(sent_at, RECEIVED) == timedelta(minutes=minutes)
