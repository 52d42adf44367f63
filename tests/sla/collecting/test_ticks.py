"""Blocks come to what was counted, whatever comes late, twice, at the same time or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from sla.collecting import backfill, collect, keeping, ticks, when_collected, writing
from sla.measuring import measure_for
from sla.minutes import loading
from sla.minutes.packing import Minute
from sla.minutes.values import UNIT, Sums
from sla.models import HourSpread, Measure, MinuteBlock, Target
from sla.sources import Counted, source_of
from tests.performance.traces.items import END, digest, make_item
from tests.projects.builders import make_project
from tests.sla.builders import make_version
from tradewatch.performance.models import TransactionBucket
from tradewatch.performance.traces.retention import delete_old as delete_old_traces
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)  # items end at 11:59:10
LAST = int(END) // 60 * 60
EVER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    loading.forget()
    yield
    loading.forget()


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def measure(project: Project) -> Measure:
    return asked(project, "availability")


def asked(project: Project, indicator: str, **definition: Any) -> Measure:
    """A measure that a target asks for."""
    measure = measure_for(project, "", indicator, definition, now=NOW)
    target = Target.objects.create(project=project, metric_name=f"t{measure.pk}")
    make_version(target, measure)
    return measure


def sums(measure: Measure) -> Sums:
    return loading.load([measure], *EVER)[measure.pk].sums(*(int(each.timestamp()) for each in EVER))


def all_of(number: int, bad: int = 0, minutes: int = 1) -> Sums:
    return Sums(number * UNIT, bad * UNIT, number, bad, minutes)


def blocks() -> list[tuple[int, int, int]]:
    return list(MinuteBlock.objects.order_by("measure", "day").values_list("measure", "day", "revision"))


# --- what is collected --------------------------------------------------------------------------------------------
def test_a_tick_brings_what_was_counted_and_a_second_one_changes_nothing(project: Project, measure: Measure) -> None:
    digest(project, make_item(1), make_item(2, status="internal_error"), make_item(3, end=END - 120))
    assert collect(NOW) == 1
    assert sums(measure) == all_of(3, 1, minutes=2)
    before = blocks()
    assert collect(NOW) == collect(NOW + timedelta(seconds=20)) == 0
    assert blocks() == before


def test_a_second_delivery_changes_no_figure(project: Project, measure: Measure) -> None:
    digest(project, make_item(1), make_item(2, status="internal_error"))
    collect(NOW)
    before = blocks()
    digest(project, make_item(1), make_item(2, status="internal_error"))
    assert collect(NOW + timedelta(minutes=1)) == 0
    assert blocks() == before and sums(measure) == all_of(2, 1)


@pytest.mark.parametrize(
    ("late_by", "reads_at"),
    [
        (timedelta(minutes=2), timedelta(minutes=1)),
        (timedelta(hours=2), timedelta(minutes=10)),
        (timedelta(hours=30), timedelta(hours=1)),
        (timedelta(days=20), timedelta(hours=24)),
    ],
)
def test_what_comes_late_is_there_by_its_time(
    project: Project, measure: Measure, late_by: timedelta, reads_at: timedelta
) -> None:
    digest(project, make_item(1))
    collect(NOW)
    backfill(Measure.objects.get(), NOW)
    digest(project, make_item(2, end=END - late_by.total_seconds()))
    now = NOW
    while now < NOW + reads_at:  # hour by hour is enough: each tick does what was due since the one before
        now = min(now + timedelta(hours=1), NOW + reads_at)
        collect(now)
    assert sums(measure) == all_of(2, minutes=2)


def test_a_gap_is_read_when_it_is_over(project: Project, measure: Measure) -> None:
    collect(NOW - timedelta(days=6))
    for number in range(6):
        digest(project, make_item(number, end=END - number * 86_400))
    collect(NOW)
    assert sums(measure) == all_of(6, minutes=6)
    assert Measure.objects.get().collected_until == NOW.replace(second=0)


def test_a_gap_too_long_for_one_tick_is_gone_on_with(
    project: Project, measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(NOW - timedelta(days=9))
    for number in range(9):
        digest(project, make_item(number, end=END - number * 86_400))
    monkeypatch.setattr(ticks, "SECONDS_A_TICK", -1.0)
    collected = []
    for _ in range(8):
        collect(NOW)
        collected.append(Measure.objects.get().collected_until)
    assert collected == sorted(collected) and len(set(collected)) == 7  # a day or more each
    assert collected[-1] == NOW.replace(second=0)
    assert sums(measure) == all_of(9, minutes=9)


@pytest.mark.parametrize("jump", [timedelta(hours=5), timedelta(days=3), timedelta(days=-3)])
def test_a_clock_that_jumps_and_comes_back_changes_no_figure(
    project: Project, measure: Measure, jump: timedelta
) -> None:
    digest(project, make_item(1), make_item(2, end=END - 7200))
    collect(NOW)
    backfill(Measure.objects.get(), NOW)
    before = sums(measure)
    collect(NOW + jump)
    digest(project, make_item(3, status="internal_error"))
    for minute in range(1, 3):
        collect(NOW + timedelta(minutes=minute))
    assert sums(measure) == before.plus(Sums(UNIT, UNIT, 1, 1))
    assert Measure.objects.get().collected_until == NOW.replace(second=0) + timedelta(minutes=2)


def test_only_measures_that_somebody_asks_for_are_read(project: Project, measure: Measure) -> None:
    Measure.objects.update(created_at=NOW - timedelta(days=3))
    Target.objects.update(archived_at=NOW)
    digest(project, make_item(1))
    assert collect(NOW) == 0
    Target.objects.update(archived_at=None)
    assert collect(NOW) == 1


def test_a_measure_that_cannot_be_read_keeps_no_other_from_it(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = (asked(project, "latency", threshold_seconds=seconds) for seconds in (1, 2))
    Measure.objects.filter(pk=broken.pk).update(definition={"threshold_seconds": "odd"})
    digest(project, make_item(1))
    collect(NOW)
    assert sums(sound).received == 1 and not sums(broken).received
    assert f"minutes cannot be read measure={broken.pk}" in caplog.text


# --- back in time -------------------------------------------------------------------------------------------------
def test_a_new_measure_is_read_back_as_far_as_its_source_goes(project: Project, measure: Measure) -> None:
    for number in range(40):
        digest(project, make_item(number, end=END - number * 86_400))
    collect(NOW)
    assert sums(measure) == all_of(30, minutes=30)
    covered_from = Measure.objects.get().covered_from
    assert covered_from is not None and timedelta(days=29) < NOW - covered_from < timedelta(days=30)


def test_reading_back_is_in_parts_when_the_tick_has_no_time(
    project: Project, measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest(project, *(make_item(number, end=END - number * 86_400) for number in range(20)))
    monkeypatch.setattr(ticks, "SECONDS_A_TICK", -1.0)
    assert collect(NOW) == 1
    assert sums(measure) == all_of(1)
    backfill(Measure.objects.get(), NOW)
    assert sums(measure) == all_of(20, minutes=20)


def test_what_the_source_has_dropped_stays(project: Project, measure: Measure) -> None:
    for number in range(20):
        digest(project, make_item(number, end=END - number * 86_400))
    collect(NOW)
    before = sums(measure)
    for days in range(1, 31):
        now = NOW + timedelta(days=days)
        delete_old_traces(now)
        collect(now)
        backfill(Measure.objects.get(), now)
    assert not TransactionBucket.objects.filter(resolution=60).exists()
    assert sums(measure) == before


def test_what_the_source_lost_before_its_time_stays(project: Project, measure: Measure) -> None:
    digest(project, make_item(1), make_item(2, end=END - 60))
    collect(NOW)
    TransactionBucket.objects.filter(start=LAST).delete()
    collect(NOW + timedelta(minutes=1))
    assert sums(measure) == all_of(2, minutes=2)


def test_blocks_go_at_their_age_and_with_measures_that_nobody_asked_for(
    project: Project, measure: Measure, settings: LazySettings
) -> None:
    fleeting = measure_for(project, "", "percentile", {"threshold_seconds": 1}, now=NOW)
    Measure.objects.update(created_at=NOW)
    digest(project, make_item(1))
    collect(NOW)
    assert MinuteBlock.objects.count() == 2 and HourSpread.objects.count() == 1
    assert keeping.delete_old(NOW + timedelta(hours=47)) == 0
    assert keeping.delete_old(NOW + timedelta(hours=49)) == 1
    assert not Measure.objects.filter(pk=fleeting.pk).exists() and not HourSpread.objects.exists()
    assert keeping.delete_old(NOW + settings.METRIC_RETENTION) == 0
    assert keeping.delete_old(NOW + settings.METRIC_RETENTION + timedelta(days=1)) == 1
    assert Measure.objects.filter(pk=measure.pk).exists()


# --- durations ----------------------------------------------------------------------------------------------------
def test_histograms_of_minutes_half_hours_and_days_come_along(project: Project) -> None:
    measure = asked(project, "percentile", threshold_seconds=1)
    moments = [END, END - 3, END - 1800, END - 3 * 3600, END - 86_400]
    for number, end in enumerate(moments):  # one by one: each changes what was written before
        digest(project, make_item(number, end=end, seconds=0.1 * (number + 1)))
        collect(NOW + timedelta(hours=number))
    backfill(Measure.objects.get(), NOW + timedelta(hours=5))
    loaded = loading.load([measure], *EVER)[measure.pk]
    source = source_of("percentile").read([measure], LAST - 2 * 86_400, LAST + 60, NOW)[measure.pk]
    for start, end in ((LAST, LAST + 60), (LAST - 1800, LAST + 60), (LAST - 7 * 60, LAST), (LAST - 86_460, LAST + 60)):
        expected: dict[int, float] = {}
        for at, bins in source.bins.items():
            for index, weight in bins.items() if start <= at < end else ():
                expected[index] = expected.get(index, 0) + weight
        assert loaded.bins(start, end) == expected
    assert sum(loaded.bins(LAST - 86_460, LAST + 60).values()) == 5


# --- two at once --------------------------------------------------------------------------------------------------
def test_older_counts_never_come_over_newer_ones(project: Project, measure: Measure) -> None:
    """The slower of two has read the source before the faster one wrote."""
    digest(project, make_item(1))
    collect(NOW)
    known = writing.known_blocks([measure.pk], LAST, LAST + 60)
    slow = source_of("availability").read([measure], LAST, LAST + 60, NOW)
    digest(project, make_item(2))
    collect(NOW + timedelta(minutes=1))
    assert sums(measure) == all_of(2)
    stale = {measure.pk: Counted({LAST: slow[measure.pk].minutes[LAST], LAST - 60: Minute(UNIT, 0, 1, 0)})}
    assert writing.write(stale, known, only_grows=False, now=NOW) == 0
    assert sums(measure) == all_of(2)


def test_two_that_insert_one_block_write_it_once(measure: Measure) -> None:
    counted = {measure.pk: Counted({LAST: Minute(UNIT, 0, 1, 0)}, {LAST: {3: 1}})}
    assert writing.write(counted, {}, only_grows=False, now=NOW) == 1
    assert writing.write(counted, {}, only_grows=False, now=NOW) == 0
    assert [revision for *_, revision in blocks()] == [1]


def test_of_a_source_that_only_grows_less_is_a_loss(measure: Measure) -> None:
    def write(received: int, bad: int, *, only_grows: bool) -> Sums:
        known = writing.known_blocks([measure.pk], LAST, LAST + 60)
        counted = {measure.pk: Counted({LAST: Minute(received * UNIT, bad * UNIT, received, bad)})}
        writing.write(counted, known, only_grows=only_grows, now=NOW)
        return sums(measure)

    assert write(5, 0, only_grows=True) == all_of(5)
    assert write(4, 4, only_grows=True) == all_of(5)
    assert write(5, 2, only_grows=True) == all_of(5, 2)
    assert write(1, 0, only_grows=False) == all_of(1)


# --- loading ------------------------------------------------------------------------------------------------------
def test_what_is_remembered_is_never_stale(project: Project, measure: Measure) -> None:
    digest(project, make_item(1))
    collect(NOW)
    assert sums(measure) == sums(measure) == all_of(1)
    digest(project, make_item(2))
    collect(NOW)
    assert sums(measure) == all_of(2)


def test_many_measures_are_loaded_in_two_queries(project: Project, django_assert_num_queries: Any) -> None:
    measures = [asked(project, "availability", transaction=f"t{number}") for number in range(20)]
    digest(project, *(make_item(number, name=f"t{number}") for number in range(20)))
    collect(NOW)
    with django_assert_num_queries(2):
        loaded = loading.load(measures, *EVER)
    assert all(loaded[each.pk].sums(LAST, LAST + 60) == all_of(1) for each in measures)
    with django_assert_num_queries(1):
        loading.load(measures, *EVER)


def test_whoever_judges_is_called_after_the_newest_minutes(
    project: Project, measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticks, "_judges", [])
    seen: list[tuple[datetime, Sums]] = []
    when_collected(lambda now: seen.append((now, sums(measure))))
    digest(project, make_item(1))
    collect(NOW)
    assert seen == [(NOW, all_of(1))]
