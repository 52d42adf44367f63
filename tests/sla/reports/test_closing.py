from datetime import timedelta

import pytest

from sla.models import ClosedPeriod, Measure, TargetVersion
from sla.reports.closing import close_ended
from tests.calendars.builders import thanksgiving_week
from tests.sla.reports.rows import count_minutes, make_target
from tests.sla.reports.test_document import DAY, MINUTE, at, only, report

pytestmark = pytest.mark.django_db
END = at("2026-12-01T00:00")


def november(**values: object) -> TargetVersion:
    """A target that is as old as November and counted up to its end."""
    version = make_target(**values)
    version.target.created_at = at("2026-11-02T00:00")
    version.target.save()
    Measure.objects.update(collected_until=END)
    count_minutes(version, {at("2026-11-04T15:30"): (1000, 1)})
    return version


def test_a_period_is_closed_once_after_its_grace_however_many_ticks_there_are() -> None:
    november()
    assert close_ended(END + 9 * MINUTE) == 0
    assert [close_ended(END + 10 * MINUTE), close_ended(END + 10 * MINUTE), close_ended(END + DAY)] == [1, 0, 0]
    row = ClosedPeriod.objects.get()
    assert (row.label, row.period_start, row.period_end) == ("2026-11", at("2026-11-01T00:00"), END)
    assert (row.received, row.received_bad, row.closed_at) == (1000, 1, END + 10 * MINUTE)
    assert row.entry["adjusted"]["valid"] == "1000" and len(row.entry["rows"]) == 30


def test_it_waits_until_the_last_minute_is_counted_but_not_for_ever() -> None:
    november()
    Measure.objects.update(collected_until=END - MINUTE)
    assert close_ended(END + timedelta(hours=5)) == 0
    assert close_ended(END + timedelta(hours=6)) == 1


def test_what_was_missed_while_nothing_ran_is_closed_afterwards() -> None:
    november(window_unit="week")
    assert close_ended(END + 2 * DAY) == 4
    assert sorted(ClosedPeriod.objects.values_list("label", flat=True)) == [f"2026-W{week}" for week in range(45, 49)]


def test_rolling_windows_and_what_ended_before_the_target_existed_are_not_closed() -> None:
    make_target("rolling", window="rolling")
    version = make_target("young")
    version.target.created_at = END + MINUTE
    version.target.save()
    assert close_ended(END + DAY) == 0


def test_late_events_correct_an_open_period_and_are_told_apart_for_a_closed_one() -> None:
    version = november()
    count_minutes(version, {at("2026-11-04T15:30"): (1010, 2)})
    assert only(report())["adjusted"]["bad"] == "2"
    close_ended(END + 10 * MINUTE)
    count_minutes(version, {at("2026-11-04T15:30"): (1017, 5)})
    entry = only(report())
    assert (entry["adjusted"]["valid"], entry["adjusted"]["bad"]) == ("1010", "2")
    assert entry["late"] == {"valid": "7", "bad": "3", "received": 7, "received_bad": 3}
    assert entry["rows"][3]["bad"] == "2"


def test_double_delivery_is_not_late() -> None:
    version = november()
    close_ended(END + 10 * MINUTE)
    count_minutes(version, {at("2026-11-04T15:30"): (1000, 1)})
    assert only(report())["late"] is None


def test_a_later_version_changes_nothing_that_is_closed() -> None:
    version = november()
    close_ended(END + 10 * MINUTE)
    version.pk, version.number, version._state.adding = None, 2, True
    version.target_value = version.objective = version.warning_threshold
    version.valid_from = END + DAY
    version.save()
    entry = only(report(now=END + 2 * DAY))
    assert (entry["version"]["number"], entry["target_value"]) == (1, "0.999")


def test_a_market_day_is_closed_with_its_sessions() -> None:
    thanksgiving_week()
    version = november(window="market", market="XNYS", window_unit="day")
    count_minutes(version, {at("2026-11-27T17:59"): (10, 1), at("2026-11-27T18:00"): (10, 10)})
    Measure.objects.update(collected_until=at("2026-11-29T00:00"))
    close_ended(at("2026-11-28T05:10"))  # midnight in New York
    row = ClosedPeriod.objects.get(label="2026-11-27")
    assert (row.received, row.received_bad) == (10, 1)
    assert row.entry["period"]["sessions"]["half_days"] == ["2026-11-27"]
