import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.errors.telling import NEWEST_KEPT, RICHEST_KEPT, Stored, least_telling, level, telling


def issue(count: int, **sizes: int) -> list[Stored]:
    """Return events 0, 1, 2, ... of one byte each, in that order; `e7=50` gives the eighth another size."""
    return [Stored(number, float(number), sizes.get(f"e{number}", 1)) for number in range(count)]


def left(events: list[Stored], most_bytes: int, **how: object) -> list[int]:
    gone = set(least_telling(events, most_bytes=most_bytes, **how))  # type: ignore[arg-type]
    return [event.id for event in events if event.id not in gone]


NEWEST = list(range(90, 100))


@pytest.mark.parametrize(
    ("events", "most_bytes", "referred", "expected"),
    [
        (issue(100), 100, (), list(range(100))),
        (issue(100), 0, (), [0, 1, 2, *NEWEST]),  # the first three are as rich as any
        (issue(100), 13, (), [0, 1, 2, *NEWEST]),
        (issue(100), 16, (), [0, 1, 2, 17, 46, 75, *NEWEST]),
        (issue(100, e50=5, e60=5, e70=5), 0, (), [0, 50, 60, 70, *NEWEST]),
        (issue(100, e50=5, e60=5, e70=5), 0, (7, 33), [0, 7, 33, 50, 60, 70, *NEWEST]),
        ([], 0, (), []),
        (issue(5), 0, (), [0, 1, 2, 3, 4]),
    ],
)
def test_the_middle_goes_evenly_and_what_tells_stays(events, most_bytes, referred, expected) -> None:
    assert left(events, most_bytes, referred=referred) == expected


def test_the_newest_of_each_release_and_environment_stays() -> None:
    places = [(1, "production"), (1, "uat"), (2, "production"), (None, "")]
    events = [Stored(n, float(n), 1, places[n // 20] if n < 80 else (3, "production")) for n in range(100)]
    assert {19, 39, 59, 79} <= set(left(events, 0))


@pytest.mark.parametrize(
    ("sizes", "budget", "expected"),
    [
        ([], 10, 0),
        ([1, 2, 3], 10, 3),
        ([1, 2, 30], 10, 7),
        ([5, 5, 5], 9, 3),
        ([1, 100, 100], 21, 10),
        ([4], 0, 0),
    ],
)
def test_the_loud_are_cut_to_one_level_and_the_quiet_lose_nothing(sizes, budget, expected) -> None:
    assert level(sizes, budget) == expected


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 50),
        st.integers(1, 5000),
        st.tuples(st.one_of(st.none(), st.integers(1, 3)), st.sampled_from("ab")),
    ),
    max_size=80,
).map(lambda rows: [Stored(number, float(at), size, place) for number, (at, size, place) in enumerate(rows)])


@given(EVENTS, st.integers(0, 100_000), st.sets(st.integers(0, 79), max_size=5))
def test_no_kept_class_is_ever_removed_and_the_budget_holds_where_they_allow_it(events, most_bytes, referred) -> None:
    gone = least_telling(events, most_bytes=most_bytes, referred=referred)
    rest = [event for event in events if event.id not in set(gone)]
    assert len(gone) == len(set(gone)) == len(events) - len(rest)
    assert not set(gone) & referred
    if events:
        ordered = sorted(events, key=lambda event: (event.at, event.id))
        by_size = sorted((event.size for event in events), reverse=True)
        assert {ordered[0].id, *(event.id for event in ordered[-NEWEST_KEPT:])} <= {event.id for event in rest}
        assert {event.place for event in rest} == {event.place for event in events}
        assert sorted((event.size for event in rest), reverse=True)[:RICHEST_KEPT] == by_size[:RICHEST_KEPT]
    fits = sum(event.size for event in rest) <= most_bytes
    assert fits or {event.id for event in rest} == telling(events, referred=referred)
    assert least_telling(rest, most_bytes=most_bytes, referred=referred) == []


@given(st.lists(st.integers(0, 10_000), max_size=50), st.integers(0, 200_000))
def test_a_level_never_gives_more_than_there_is(sizes, budget) -> None:
    found = level(sizes, budget)
    assert sum(min(size, found) for size in sizes) <= budget
    if sum(sizes) > budget:
        assert sum(min(size, found + 1) for size in sizes) > budget
