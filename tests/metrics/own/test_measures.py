import pytest

from tradewatch.metrics.own.measures import (
    CRITICAL,
    OK,
    SECOND,
    UNKNOWN,
    WARNING,
    Limits,
    Measure,
    worst,
)

AGE = Measure("age", "Age", SECOND, "", limits=Limits(30, 300))
ROOM = Measure("room", "Room", SECOND, "", limits=Limits(30, 7, is_below=True))
WORKERS = Measure("workers", "Workers", "", "", limits=Limits(1, 1, is_below=True))
COUNT = Measure("count", "Count", "", "")


@pytest.mark.parametrize(
    ("measure", "values", "state"),
    [
        (AGE, [0], OK),
        (AGE, [30], OK),
        (AGE, [30.1], WARNING),
        (AGE, [300], WARNING),
        (AGE, [301], CRITICAL),
        (AGE, [1, 31, 301], CRITICAL),
        (AGE, [], UNKNOWN),
        (ROOM, [31], OK),
        (ROOM, [29], WARNING),
        (ROOM, [6.9], CRITICAL),
        (ROOM, [100, 29], WARNING),
        (WORKERS, [0], CRITICAL),
        (WORKERS, [1], OK),
        (COUNT, [1e9], OK),
        (COUNT, [], UNKNOWN),
    ],
)
def test_a_value_is_held_against_its_limits(measure: Measure, values: list[float], state: str) -> None:
    assert measure.state_of(values) == state


def test_the_worst_value_is_the_greatest_or_where_little_is_bad_the_least() -> None:
    assert (AGE.worst_of([1, 9]), ROOM.worst_of([1, 9]), COUNT.worst_of([1, 9])) == (9, 1, 9)


@pytest.mark.parametrize(
    ("states", "found"), [([OK, WARNING], WARNING), ([UNKNOWN, OK], UNKNOWN), ([OK, CRITICAL], CRITICAL), ([], UNKNOWN)]
)
def test_the_worst_state_is_named(states: list[str], found: str) -> None:
    assert worst(states) == found
