from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.core.faults import Invalid
from tradewatch.core.windows import parse_window

NOW = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("params", "start", "end"),
    [
        ({}, NOW - timedelta(hours=24), NOW),
        ({"window": "15m"}, NOW - timedelta(minutes=15), NOW),
        ({"window": "1h"}, NOW - timedelta(hours=1), NOW),
        ({"window": "30d"}, NOW - timedelta(days=30), NOW),
        ({"start": "2026-10-01T00:00:00Z"}, datetime(2026, 10, 1, tzinfo=UTC), NOW),
        (
            {"start": "2026-10-01T00:00:00", "end": "2026-10-02T02:00:00+02:00"},
            datetime(2026, 10, 1, tzinfo=UTC),
            datetime(2026, 10, 2, tzinfo=UTC),
        ),
    ],
)
def test_a_window_is_read(params: dict[str, str], start: datetime, end: datetime) -> None:
    window = parse_window(params, now=NOW)
    assert (window.start, window.end) == (start, end)
    assert window.previous.end == start and window.previous.seconds == window.seconds == (end - start).total_seconds()


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"window": "2h"}, "window"),
        ({"window": "1h", "start": "2026-10-01T00:00:00Z"}, "window"),
        ({"end": "2026-10-01T00:00:00Z"}, "start"),
        ({"start": "yesterday"}, "start"),
        ({"start": "2026-13-01T00:00:00Z"}, "start"),
        ({"start": "2026-10-01T00:00:00Z", "end": "x"}, "end"),
        ({"start": "2026-10-06T00:00:00Z"}, "start"),
        ({"start": "2026-10-02T00:00:00Z", "end": "2026-10-02T00:00:00Z"}, "start"),
        ({"start": "2024-10-02T00:00:00Z"}, "start"),
    ],
)
def test_a_bad_window_names_its_field(params: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as fault:
        parse_window(params, now=NOW)
    assert list(fault.value.errors) == [field]
