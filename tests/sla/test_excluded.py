from datetime import UTC, datetime

import pytest

from sla.excluded import excluded_windows
from tradewatch.calendars.window_text import WindowFault
from tradewatch.calendars.windows import spans_within

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 25, tzinfo=UTC)


def _minutes(text: str) -> list[tuple[str, str]]:
    spans = spans_within(excluded_windows(text), MONDAY, WEDNESDAY)
    return [(f"{span.start:%d %H:%M}", f"{span.end:%d %H:%M}") for span in spans]


def test_auctions_of_new_york_are_taken_out_every_day() -> None:
    assert _minutes("09:30-09:31, 15:59-16:00 America/New_York") == [
        ("23 14:30", "23 14:31"),
        ("23 20:59", "23 21:00"),
        ("24 14:30", "24 14:31"),
        ("24 20:59", "24 21:00"),
    ]


def test_weekdays_and_several_parts_are_read() -> None:
    assert _minutes("monday 10:00-11:00 UTC; tuesday:friday 22:00-23:00 Europe/London") == [
        ("23 10:00", "23 11:00"),
        ("24 22:00", "24 23:00"),
    ]


def test_nothing_is_left_out_of_an_empty_text() -> None:
    assert excluded_windows("") == [] == excluded_windows(" ; ")


@pytest.mark.parametrize(
    "text",
    ["09:30-09:31", "UTC", "09:30 UTC", "09:30-09:30 UTC", "09:30-25:00 UTC", "09:30-10:00 Mars/Base",
     "10:00-11:00 UTC UTC", "someday 10:00-11:00 UTC", "10:00-11:00 monday 12:00-13:00 UTC"],
)  # fmt: skip
def test_what_cannot_be_read_says_what_is_expected(text: str) -> None:
    with pytest.raises(WindowFault, match=r"expected|unknown|empty"):
        excluded_windows(text)
