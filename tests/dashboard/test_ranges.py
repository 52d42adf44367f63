from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.core.faults import Invalid
from tradewatch.dashboard.ranges import CustomRange, Range, read_period

NOW = datetime(2026, 11, 23, 15, 12, 30, tzinfo=UTC)


def custom(start: str, end: str) -> CustomRange:
    found = read_period({"start": start, "end": end}, now=NOW)
    assert isinstance(found, CustomRange)
    return found


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [({}, Range.HOUR), ({"window": "24h"}, Range.DAY), ({"window": "of old"}, Range.HOUR), ({"start": ""}, Range.HOUR)],
)
def test_an_old_link_still_opens(parameters: dict[str, str], expected: Range) -> None:
    assert read_period(parameters, now=NOW) is expected


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"start": "yesterday", "end": "2026-11-23T15:00"}, "start"),
        ({"start": "2026-11-23T15:00", "end": "never"}, "end"),
        ({"start": "2026-11-23T15:00"}, "end"),
        ({"end": "2026-11-23T15:00"}, "start"),
        ({"start": "2026-11-23T15:00", "end": "2026-11-23T14:00"}, "start"),
        ({"start": "2020-11-23T15:00", "end": "2026-11-23T14:00"}, "start"),
    ],
)
def test_nonsense_names_its_field(parameters: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_period(parameters, now=NOW)
    assert list(refused.value.errors) == [field]


def test_a_custom_range_survives_its_own_link() -> None:
    for start, end in (("2026-11-23T14:00", "2026-11-23T15:30"), ("2026-11-23T14:00:07", "2026-11-23T14:00:09")):
        asked = custom(start, end)
        assert read_period(asked.parameters(), now=NOW) == asked


def test_other_zones_become_utc() -> None:
    assert custom("2026-11-23T09:00-05:00", "2026-11-23T15:00").parameters()["start"] == "2026-11-23T14:00"


@pytest.mark.parametrize(
    ("start", "end", "step", "steps"),
    [
        ("2026-11-23T14:00", "2026-11-23T14:01", 60, 1),
        ("2026-11-23T14:00", "2026-11-23T16:00", 60, 120),
        ("2026-11-23T14:00", "2026-11-23T16:01", 300, 25),
        ("2026-11-20T00:00", "2026-11-23T00:00", 3600, 72),
        ("2026-09-20T10:10", "2026-09-20T10:20", 3600, 1),  # minutes of then are gone
        ("2025-11-24T00:00", "2026-11-23T00:00", 7 * 24 * 3600, 53),
    ],
)
def test_points_are_few_and_as_fine_as_what_is_kept(start: str, end: str, step: int, steps: int) -> None:
    span = custom(start, end).chart_span(NOW)
    assert (span.step_seconds, span.steps) == (step, steps)
    assert span.start <= datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert span.end >= datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_figures_cover_whole_minutes_of_what_was_asked() -> None:
    span = custom("2026-11-23T14:00:07", "2026-11-23T14:05:01").span(NOW)
    assert (span.start.minute, span.end.minute, span.length) == (0, 6, timedelta(minutes=6))


def test_ranges_read_as_a_part_of_a_sentence() -> None:
    assert Range.HOUR.within == "in the last hour"
    assert custom("2026-11-23T14:00", "2026-11-23T15:30").within == "on 23 Nov from 14:00 to 15:30"
    assert custom("2026-11-22T14:00", "2026-11-23T15:30").within == "from 22 Nov 14:00 to 23 Nov 15:30"
