from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import exchange_calendars
import pandas
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sla.choices import CalendarUnit, WindowKind
from sla.figures.bounds import PeriodFault
from sla.figures.periods import current_period, period_named
from sla.figures.reading import burns, judged, opened
from sla.figures.values import Judged
from sla.minutes.loading import forget
from sla.models import Target
from tests.calendars.builders import make_market, thanksgiving_week
from tests.calendars.oracle import utc
from tests.projects.builders import make_project
from tests.sla.figures.builders import at, correction_between, counts, every_minute, make_period, make_version
from tests.sla.figures.stored import add_version, make_target, measure_of, store
from tradewatch.calendars.loading import store_days
from tradewatch.calendars.management.commands.load_calendars import read_exchange
from tradewatch.calendars.models import MarketCalendar

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")]
NOW = utc("2026-11-26T12:00") + timedelta(seconds=20)
MONTH: dict[str, Any] = {"window": WindowKind.CALENDAR, "window_unit": CalendarUnit.MONTH}


def one(target: Target, period: Any = None) -> Judged:
    return judged([target], NOW, period)[target.pk]


def test_a_target_is_judged_from_its_blocks_over_its_own_period() -> None:
    target = make_target(window_days=2)
    store(measure_of(target), every_minute("2026-11-20T00:00", "2026-11-26T13:00", counts(10, 1)))
    found = one(target)
    assert (found.adjusted.sums.received, found.adjusted.coverage) == (2 * 14400, Decimal(1))
    assert (found.period.start, found.period.end) == (utc("2026-11-24T12:00"), utc("2026-11-26T12:00"))
    assert found.adjusted.value == Decimal("0.9") and found.adjusted.state == "critical"


@pytest.mark.parametrize(
    ("which", "received"),
    [
        (None, 25.5 * 1440),
        ("2026-11", 25.5 * 1440),
        ("2026-10", 1440),
        ("2026-11-25", 1440),
        ("2026", 26.5 * 1440),
        (1, 1440),
        (make_period("2026-11-25T10:00", "2026-11-25T11:00"), 60),
    ],
)
def test_whichever_period_is_asked_for(which: Any, received: float) -> None:
    target = make_target(**MONTH)
    store(measure_of(target), every_minute("2026-10-31T00:00", "2026-11-26T13:00", counts(1)))
    assert one(target, which).adjusted.sums.received == received


def test_a_period_is_judged_whole_by_the_version_in_force_at_its_end() -> None:
    target = make_target(**MONTH)
    measure = measure_of(target)
    store(measure, every_minute("2026-10-01T00:00", "2026-11-26T12:00", counts(100, 2)))
    stricter = add_version(target, measure=measure, valid_from=utc("2026-10-30T09:00"), target_value="0.999", **MONTH)
    looser = add_version(target, measure=measure, valid_from=utc("2026-11-26T09:00"), target_value="0.98", **MONTH)
    october, november = one(target, "2026-10"), one(target)
    assert (october.version_id, october.adjusted.state) == (stricter.pk, "critical")
    assert (november.version_id, november.adjusted.state) == (looser.pk, "met")
    assert one(target, "2026-09").version_id not in (stricter.pk, looser.pk)


def test_before_its_first_version_a_target_is_judged_by_that() -> None:
    target = make_target(valid_from=utc("2026-11-20T00:00"), **MONTH)
    store(measure_of(target), every_minute("2026-10-05T00:00", "2026-10-05T01:00", counts(1)))
    assert one(target, "2026-10").adjusted.sums.received == 60


def test_corrections_of_the_project_and_the_target_leave() -> None:
    target = make_target(**MONTH)
    other = make_target("other", **MONTH)
    for each in (target, other):
        store(measure_of(each), every_minute("2026-11-10T00:00", "2026-11-11T00:00", counts(1)))
    some: list[dict[str, Any]] = [{}, {"target_id": target.pk}, {"withdrawn_at": NOW}]
    for number, fields in enumerate(some):
        start = utc("2026-11-10T00:00") + timedelta(hours=2 * number)
        correction_between(start, start + timedelta(hours=1), pk=None, project_id=target.project_id, **fields).save()
    found = judged([target, other], NOW)
    assert [found[each.pk].adjusted.sums.received for each in (target, other)] == [1320, 1380]
    assert [found[each.pk].raw.sums.received for each in (target, other)] == [1440, 1440]
    assert [each.sums.received for each in found[target.pk].exclusions] == [60, 60]


def test_many_targets_take_few_queries() -> None:
    thanksgiving_week()
    project = make_project()
    windows: list[dict[str, Any]] = [
        {},
        MONTH,
        {"window": WindowKind.MARKET, "market": "XNYS", "window_unit": CalendarUnit.DAY},
    ]
    targets = [make_target(f"t{n}", project=project, **windows[n % 3]) for n in range(12)]
    for target in targets:
        store(measure_of(target), {at("2026-11-25T15:00"): counts(9, 1)})
    for read, most in ((judged, 9), (burns, 11)):
        forget()
        with CaptureQueriesContext(
            connection,
        ) as few:
            assert len(read(targets[:3], NOW)) == 3
        forget()
        with CaptureQueriesContext(connection) as many:
            assert len(read(targets, NOW)) == 12
        assert len(few) == len(many) <= most


def test_what_is_opened_is_what_was_judged() -> None:
    target = make_target()
    store(measure_of(target), every_minute("2026-11-25T00:00", "2026-11-25T01:00", counts(4, 1)))
    found = opened([target], NOW)[target.pk]
    assert found.judged == judged([target], NOW)[target.pk]
    assert found.minutes.sums(at("2026-11-25T00:00"), at("2026-11-25T01:00")).received == 240
    assert judged([], NOW) == {} == burns([], NOW)


def test_a_target_without_a_version_is_left_out() -> None:
    bare = Target.objects.create(project=make_project(), metric_name="bare")
    assert judged([bare], NOW) == {} == burns([bare], NOW)
    with pytest.raises(PeriodFault):
        judged([make_target()], NOW, "2027-01")


def test_burns_of_stored_targets() -> None:
    quiet, burning = make_target("quiet", target_value="0.999"), make_target("burning", target_value="0.999")
    store(measure_of(quiet), every_minute("2026-11-25T00:00", "2026-11-26T12:00", counts(1000)))
    known = every_minute("2026-11-25T00:00", "2026-11-26T12:00", counts(1000))
    store(measure_of(burning), known | every_minute("2026-11-26T11:30", "2026-11-26T12:00", counts(1000, 100)))
    found = burns([quiet, burning], NOW)
    assert not any(each.is_firing for each in found[quiet.pk])
    assert [each.is_held for each in found[burning.pk] if each.is_firing][:2] == [False, True]
    correction_between(utc("2026-11-26T11:30"), utc("2026-11-26T12:00"), pk=None, project_id=burning.project_id).save()
    assert not any(each.is_firing for each in burns([burning], NOW)[burning.pk])


def test_burns_on_market_time_reach_over_the_holiday() -> None:
    thanksgiving_week()
    make_market(data_until=date(2026, 12, 31))
    target = make_target(target_value="0.999", window=WindowKind.MARKET, market="XNYS")
    known = every_minute("2026-11-25T20:30", "2026-11-25T21:00", counts(100, 50))
    known |= every_minute("2026-11-26T00:00", "2026-11-27T14:30", counts(100, 100))  # closed: counts for nothing
    known |= every_minute("2026-11-27T14:30", "2026-11-27T15:00", counts(100, 0))
    store(measure_of(target), known)
    [first, *_] = burns([target], utc("2026-11-27T15:00"))[target.pk]
    assert (first.bad, first.long_burn, first.short_burn) == (1500, Decimal(250), Decimal(0))


@pytest.mark.parametrize("code", ["XNYS", "XLON", "XTKS", "XHKG"])
def test_a_year_of_sessions_agrees_with_the_library(code: str) -> None:
    calendar = MarketCalendar.objects.get(code=code)
    start, end = date(2025, 12, 1), date(2027, 1, 31)
    store_days(calendar, read_exchange(code, start, end), start=start, end=end, now=NOW)
    oracle = exchange_calendars.get_calendar(code, start="2025-12-01", end="2027-01-31")
    version = make_version(window=WindowKind.MARKET, market=code, window_unit=CalendarUnit.MONTH)
    year = period_named(version, "2026", utc("2027-01-02T00:00"))
    ours = {
        span.start + timedelta(minutes=number)
        for span in year.spans
        for number in range(int(span.length.total_seconds()) // 60)
    }
    minutes = oracle.minutes_in_range(pandas.Timestamp(year.start), pandas.Timestamp(year.end))
    trading = {moment.to_pydatetime() for moment in minutes}
    # The library's last minute of a session may be its close itself; ours ends before it.
    assert ours <= trading and trading - ours <= {span.end for span in year.spans}
    assert year.unknown == () and len(ours) == _minutes_of(oracle)
    november = current_period(version, NOW)
    assert set(november.spans) <= set(year.spans) and november.label == "2026-11"


def _minutes_of(calendar: Any) -> int:
    """Return the trading minutes of 2026 from the library's table of opens, closes and breaks."""
    rows = calendar.schedule.loc["2026-01-01":"2026-12-31"]
    lengths = rows["close"] - rows["open"] - (rows["break_end"] - rows["break_start"]).fillna(pandas.Timedelta(0))
    return int(lengths.sum().total_seconds()) // 60
