import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.metrics.points.builders import HOUR, a_point
from tradewatch.metrics.points.values import (
    MAX_ATTRIBUTE_VALUE,
    MAX_ATTRIBUTES,
    Gathered,
    canonical,
    gather,
    merge_gathered,
    series_key,
)

# Multiples of a quarter add up without rounding: what differs then differs by more than the order of additions.
QUARTERS = st.integers(-4000, 4000).map(lambda quarters: quarters / 4)
POINTS = st.builds(
    lambda value, second, venue, type: a_point(
        abs(value) if type == "counter" else value, at=HOUR + second, type=type, attributes={"venue": venue}
    ),
    QUARTERS,
    st.integers(0, 7200).map(lambda tenths: tenths / 10),
    st.sampled_from(["XNYS", "XLON", ""]),
    st.sampled_from(["counter", "gauge", "distribution"]),
)


def merged(*parts: Gathered) -> Gathered:
    whole: Gathered = {}
    for part in parts:
        merge_gathered(whole, part)
    return whole


@given(st.lists(POINTS, max_size=60), st.randoms(use_true_random=False), st.integers(0, 60), st.integers(0, 60))
def test_points_come_to_the_same_in_any_order_and_any_parts(points, random, one_cut, other_cut):
    shuffled = points.copy()
    random.shuffle(shuffled)
    low, high = sorted([one_cut, other_cut])
    parts = [gather(shuffled[:low]), gather(shuffled[low:high]), gather(shuffled[high:])]
    random.shuffle(parts)
    assert merged(*parts) == gather(points)


@given(st.lists(POINTS, min_size=1, max_size=60))
def test_a_cell_says_what_its_points_were(points):
    cells = [cell for minutes in gather(points).values() for cells in minutes.values() for cell in cells.values()]
    assert sum(cell.count for cell in cells) == len(points)
    assert math.fsum(cell.sum for cell in cells) == math.fsum(point.value for point in points)
    assert min(cell.min for cell in cells) == min(point.value for point in points)
    assert max(cell.max for cell in cells) == max(point.value for point in points)
    newest = max((point.at_epoch, point.value) for point in points)
    assert max((cell.last_at, cell.last) for cell in cells) == newest


@given(st.lists(POINTS.filter(lambda point: point.type == "counter"), max_size=60))
def test_a_counter_is_never_negative(points):
    assert all(
        cell.sum >= 0 and cell.min >= 0 for minutes in gather(points).values() for cells in minutes.values()
        for cell in cells.values()
    )  # fmt: skip


def test_merging_leaves_the_parts_as_they_are():
    part = gather([a_point(2, type="distribution")])
    before = gather([a_point(2, type="distribution")])
    merged(part, part)
    assert part == before


@pytest.mark.parametrize(
    ("given_attributes", "wanted"),
    [
        ({"b": "2", "a": "1"}, (("a", "1"), ("b", "2"))),
        ({"n": 2, "m": 2.0, "o": 2.5}, (("m", "2"), ("n", "2"), ("o", "2.5"))),
        ({"yes": True, "no": False}, (("no", "false"), ("yes", "true"))),
        ({"none": None, "empty": "", "": "nameless", "tree": {"a": 1}}, ()),
        ({"list": ["a", 1]}, (("list", "a, 1"),)),
    ],
)
def test_attributes_become_sorted_texts(given_attributes, wanted):
    assert canonical(given_attributes) == wanted


def test_long_and_many_attributes_are_cut():
    kept = canonical({f"name{number:02}": "v" * 1000 for number in range(40)})
    assert len(kept) == MAX_ATTRIBUTES
    assert kept[0] == ("name00", "v" * MAX_ATTRIBUTE_VALUE)


def test_the_key_of_a_series_is_that_of_its_attributes_and_fits_into_a_column():
    keys = {series_key((("order", str(number)),)) for number in range(10_000)}
    assert len(keys) == 10_000
    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert series_key((("a", "b"),)) != series_key((("a", ""), ("b", "")))
