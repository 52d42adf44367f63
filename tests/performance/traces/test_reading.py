from datetime import timedelta

import pytest

from tests.inbox.builders import make_arrival
from tests.performance.traces.items import END, TRACE, make_document
from tradewatch.performance.traces.reading import draw_of, hex_id, read_transaction
from tradewatch.projects.models import Project


@pytest.fixture
def arrival(db):
    project = Project.objects.create(name="Desk", slug="desk-44")
    return lambda **how: make_arrival(project, **how)


@pytest.mark.parametrize(
    ("start", "end"), [(None, END), (END, None), (END + 1, END), ("x", END), (END - 1, float("nan"))]
)
def test_a_duration_that_is_none_is_not_measured(arrival, start, end):
    assert read_transaction(make_document(start_timestamp=start, timestamp=end), arrival()).seconds is None


@pytest.mark.parametrize(
    ("end", "drift", "expected"),
    [
        (END, timedelta(), END),
        (END - 7200, timedelta(hours=2), END),
        (END + 3600, timedelta(), END + 20),  # in the future: the moment at which it came
        (0, timedelta(), END + 20 - 90 * 86_400),  # older than anything kept
        (None, timedelta(hours=2), END + 20),
    ],
)
def test_the_moment_is_corrected_and_clamped(arrival, end, drift, expected):
    unit = read_transaction(make_document(timestamp=end, start_timestamp=None), arrival(drift=drift))
    assert unit.at_epoch == expected


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (TRACE, 32, TRACE),
        (TRACE.upper(), 32, TRACE),
        ("4bf92f35-77b3-4da6-a3ce-929d0e0e4736", 32, TRACE),
        ("t" * 32, 32, ""),
        ("0" * 32, 32, ""),  # what OpenTelemetry sends for none
        ("abc", 32, ""),
        (7, 32, ""),
        (None, 16, ""),
    ],
)
def test_ids(value, digits, expected):
    assert hex_id(value, digits) == expected


def test_all_parts_of_a_trace_have_one_lot(arrival):
    here = read_transaction(make_document(1, trace_id=TRACE), arrival())
    there = read_transaction(make_document(2, trace_id=TRACE), arrival())
    assert here.draw == there.draw != read_transaction(make_document(3), arrival()).draw
    assert 0 <= here.draw < 2**63


def test_lots_are_spread_evenly():
    lots = sorted(draw_of(str(number)) for number in range(1000))
    assert 0.45 < lots[500] / 2**63 < 0.55
