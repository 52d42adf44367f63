from datetime import UTC, datetime

from django.utils.formats import date_format


def test_moments_in_the_admin_sort_as_text() -> None:
    assert date_format(datetime(2026, 11, 3, 17, 5, 9, tzinfo=UTC), "DATETIME_FORMAT") == "2026-11-03 17:05:09"
