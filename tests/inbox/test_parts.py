import gc
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.inbox.parts import MOST_WEIGHT, collecting_later, parts_of, weight_of
from tradewatch.inbox.preparing import DraftedItem, Prepared
from tradewatch.inbox.queue import Queued


def a_row(*drafts):
    queued = Queued(1, 1, 0.0, "identity", "", b"")
    return Prepared(queued, drafted=[DraftedItem(at, "event", draft) for at, draft in enumerate(drafts)])


def heavy(weight):
    return a_row(SimpleNamespace(weight=weight))


@pytest.mark.parametrize(
    ("row", "weight"),
    [
        (a_row(), 1),
        (a_row({"an": "event"}), 1),
        (a_row({"an": "event"}, {"its": "session"}), 1),
        (heavy(200), 200),
        (a_row({"an": "event"}, SimpleNamespace(weight=200), SimpleNamespace(weight=20)), 219),
    ],
)
def test_a_row_weighs_what_its_drafts_say(row, weight):
    assert weight_of(row) == weight


@given(st.lists(st.integers(1, 2 * MOST_WEIGHT).map(heavy), max_size=40))
def test_parts_are_the_rows_in_order_and_none_is_too_heavy_unless_it_is_one_row(rows):
    parts = list(parts_of(rows))
    assert [row for part in parts for row in part] == rows
    assert all(part and (len(part) == 1 or sum(map(weight_of, part)) <= MOST_WEIGHT) for part in parts)
    assert all(sum(map(weight_of, part)) + weight_of(after[0]) > MOST_WEIGHT for part, after in pairwise(parts))


def test_the_collector_comes_back_whatever_happened():
    with pytest.raises(KeyError), collecting_later():
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()
