"""Every part of a split, and what no part explains, add up to the whole to the last millionth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.costs.splitting import Part, Slot, portions_of, split, widened
from sla.minutes.values import UNIT

NUMBERS = st.integers(0, 50 * UNIT)
FOUND = st.dictionaries(st.sampled_from(["2.0.0", "2.0.1", "2.1.0", ""]), NUMBERS)


def minute(number: int, bad: int, events: int | None = None) -> Slot:
    return Slot(number * 60, number * 60 + 60, bad, bad if events is None else events)


@pytest.mark.parametrize(
    ("bad", "events", "here", "fills", "portions", "rest"),
    [
        (5, 5, {"a": 3, "b": 2}, False, {"a": 3, "b": 2}, 0),
        (5, 5, {"a": 3}, False, {"a": 3}, 2),
        (5, 5, {}, False, {}, 5),
        (3, 3, {"a": 4, "b": 2}, False, {"a": 2, "b": 1}, 0),  # more than was bad: in proportion
        (1, 1, {"a": 1, "b": 1}, False, {"a": 1, "b": 0}, 0),  # a millionth cannot be divided: the least key has it
        (10, 10, {"a": 1, "b": 1, "c": 1}, False, {"a": 1, "b": 1, "c": 1}, 7),
        (10, 10, {"a": 1, "b": 1, "c": 1}, True, {"a": 4, "b": 3, "c": 3}, 0),
        (10, 10, {}, True, {}, 10),
        (100, 4, {"a": 3}, False, {"a": 75}, 25),  # a bad slice of four bad requests
        (100, 0, {}, False, {}, 100),  # an empty slice that counts as bad
        (0, 0, {"a": 3}, False, {"a": 0}, 0),
    ],
)
def test_a_slot_is_shared_out(bad, events, here, fills, portions, rest) -> None:
    assert portions_of(bad, events, here, fills=fills) == (portions, rest)


def test_several_causes_of_a_minute_are_called_shared_unless_each_event_is_known_to_be_its_own() -> None:
    slots = [minute(0, 4), minute(1, 3), minute(2, 5)]
    found = {0: {"a": 4}, 60: {"a": 2, "b": 1}}
    assert split(slots, found, is_certain=False) == split(reversed(slots), found, is_certain=False)
    assert split(slots, found, is_certain=False).parts == (Part("a", 6, 2, 6, 0), Part("b", 1, 1, 1, 60))
    assert split(slots, found, is_certain=True).parts == (Part("a", 6, 0, 6, 0), Part("b", 1, 0, 1, 60))
    assert split(slots, found, is_certain=True).unattributed == 5


def test_what_had_to_be_cut_is_shared_even_when_it_is_certain() -> None:
    cut = split([minute(0, 4)], {0: {"a": 6, "b": 2}}, is_certain=True)
    assert [(part.key, part.cost, part.shared, part.found) for part in cut.parts] == [("a", 3, 3, 6), ("b", 1, 1, 2)]
    assert cut.shared == cut.whole == 4
    alone = split([minute(0, 4)], {0: {"a": 6}}, is_certain=False)
    assert [(part.cost, part.shared) for part in alone.parts] == [(4, 0)]


def test_slots_are_joined_to_wider_ones() -> None:
    assert widened([minute(59, 1), minute(60, 2), minute(61, 3, 7)], 3600) == [
        Slot(0, 3600, 1, 1),
        Slot(3600, 7200, 5, 9),
    ]


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, FOUND), max_size=8), st.booleans(), st.booleans(), st.sampled_from([60, 3600])
)
def test_parts_and_the_rest_add_up_to_the_whole(minutes, is_certain, fills, width) -> None:
    slots = widened([minute(number * 20, bad, events) for number, (bad, events, _) in enumerate(minutes)], width)
    found: dict[int, dict[str, int]] = {}
    for number, (_, _, here) in enumerate(minutes):
        place = found.setdefault(number * 1200 // width * width, {})
        for key, count in here.items():
            place[key] = place.get(key, 0) + count
    done = split(slots, found, is_certain=is_certain, fills=fills)
    assert done.whole == sum(bad for bad, _, _ in minutes)
    assert sum(part.cost for part in done.parts) + done.unattributed == done.whole
    assert done.unattributed >= 0 and all(0 <= part.shared <= part.cost for part in done.parts)
    assert sorted(done.parts, key=lambda part: -part.cost) == list(done.parts)
    assert len({part.key for part in done.parts}) == len(done.parts)


@given(NUMBERS, FOUND)
def test_nobody_gets_more_than_it_had_and_all_get_it_where_there_is_enough(bad, found) -> None:
    portions, rest = portions_of(bad, bad, found)
    assert all(portions[key] <= found[key] for key in found)
    if sum(found.values()) <= bad:
        assert portions == found and rest == bad - sum(found.values())
    else:
        assert rest == 0
