"""What the registry reads, keeps and gives back, held against counts of the tests' own."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.projects.builders import make_project
from tradewatch.metrics.own import registry
from tradewatch.metrics.own.history import last_day
from tradewatch.metrics.own.keeping import NAMES, keep_own
from tradewatch.metrics.own.measures import COUNT, SECOND, Limits, Measure
from tradewatch.metrics.own.registry import add_measures, age_seconds, all_measures, plain, read_own
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.reading import over
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 26, 12, 0, 30, tzinfo=UTC)
AGE = Measure("test_age_seconds", "Age", SECOND, "An age.", limits=Limits(30, 300))
ROOM = Measure("test_room", "Room", COUNT, "Room.", label="of", limits=Limits(5, 2, is_below=True))


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_groups", {})
    yield


@pytest.fixture
def first(db: None) -> Project:
    return make_project("first")


def measure_of(values: dict[str, dict[str, float]]) -> None:
    add_measures("test", "Test", [AGE, ROOM], lambda now: values)


def test_a_group_that_fails_hides_no_other(caplog: pytest.LogCaptureFixture) -> None:
    def fail(now: datetime) -> dict[str, dict[str, float]]:
        raise OSError("gone")

    add_measures("broken", "Broken", [ROOM], fail)
    add_measures("whole", "Whole", [AGE], lambda now: plain(test_age_seconds=7))
    with caplog.at_level(logging.CRITICAL):
        found = read_own(NOW)
    assert (found.values, found.failed) == ({"test_age_seconds": {"": 7.0}}, ("broken",))
    assert (found.state_of(AGE), found.state_of(ROOM)) == ("ok", "none")


def test_what_has_no_value_is_left_out() -> None:
    add_measures("test", "Test", [AGE, ROOM], lambda now: {**plain(test_age_seconds=None), "test_room": {}})
    assert read_own(NOW).values == {}


@pytest.mark.parametrize(("since", "age"), [(None, None), (NOW - timedelta(seconds=4), 4), (NOW.timestamp() + 9, 0)])
def test_no_age_is_negative(since: datetime | float | None, age: float | None) -> None:
    assert age_seconds(since, NOW) == age


def test_names_are_those_of_prometheus_and_units_are_stored_apart() -> None:
    measure_of({})
    assert [each.family for each in all_measures().values()] == ["tradewatch_test_age_seconds", "tradewatch_test_room"]


def test_what_is_kept_is_read_back_by_measure_and_label(first: Project) -> None:
    make_project("second")
    measure_of({"test_age_seconds": {"": 40.0}, "test_room": {"disk": 3.0, "spool": 9.0}})
    assert keep_own(NOW) == 3
    start = int(NOW.timestamp()) // 60 * 60
    counts = Question([first.pk], NAMES[COUNT], aggregation="last", group_by="of", filters={"measure": ["test_room"]})
    assert over(counts, start, start + 60) == {"disk": 3.0, "spool": 9.0}
    assert over(Question([first.pk], NAMES[SECOND], aggregation="last"), start, start + 60) == {"": 40.0}


def test_a_day_is_drawn_by_the_worst_of_each_hour(first: Project) -> None:
    for hours, age, room in ((25, 999.0, 0.0), (23, 10.0, 8.0), (2, 20.0, 7.0), (2, 90.0, 4.0), (0, 5.0, 6.0)):
        measure_of({"test_age_seconds": {"": age}, "test_room": {"disk": room, "spool": room + 1}})
        keep_own(NOW - timedelta(hours=hours))
    found = last_day(NOW)
    assert found["test_age_seconds"] == [10.0] + [None] * 20 + [90.0, None, 5.0]
    assert found["test_room"] == [8.0] + [None] * 20 + [4.0, None, 6.0]


def test_without_a_project_nothing_is_kept(db: None) -> None:
    measure_of({"test_age_seconds": {"": 1.0}})
    assert keep_own(NOW) == 0 and last_day(NOW) == {}


def test_keeping_takes_as_many_statements_for_twenty_measures_as_for_one(
    first: Project, django_assert_max_num_queries
) -> None:
    many = [Measure(f"test_{number}", "x", SECOND, "") for number in range(20)]
    add_measures("many", "Many", many, lambda now: {each.name: {"": 1.0} for each in many})
    keep_own(NOW - timedelta(days=1))
    with django_assert_max_num_queries(12):
        keep_own(NOW)
