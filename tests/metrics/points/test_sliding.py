import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.metrics.points.sliding import slide
from tradewatch.metrics.points.values import cell_of

VALUES = st.integers(-400, 400).map(lambda quarters: quarters / 4)
POINTS = st.lists(st.tuples(st.integers(0, 3599), VALUES), max_size=60)
ENDS = tuple(range(0, 3660, 60))


def minutes_of(points):
    minutes = {}
    for at, value in points:
        cell, minute = cell_of(value, float(at), "distribution"), at // 60 * 60
        if minute in minutes:
            minutes[minute].merge(cell)
        else:
            minutes[minute] = cell
    return minutes


def exact(aggregation, inside, seconds):
    values = sorted(value for _, value in inside)
    return {
        "rate": lambda: math.fsum(values) / seconds,
        "sum": lambda: math.fsum(values),
        "count": lambda: len(values),
        "avg": lambda: math.fsum(values) / len(values),
        "min": lambda: values[0],
        "max": lambda: values[-1],
        "last": lambda: max(inside)[1],
        "p50": lambda: values[math.floor(0.5 * (len(values) - 1))],
        "p95": lambda: values[math.floor(0.95 * (len(values) - 1))],
    }[aggregation]()


@pytest.mark.parametrize("aggregation", ["rate", "sum", "count", "avg", "min", "max", "last", "p50", "p95"])
@given(points=POINTS, minutes=st.integers(1, 20))
def test_each_window_is_what_its_points_are(aggregation, points, minutes):
    seconds = minutes * 60
    for end, measured in zip(ENDS, slide(minutes_of(points), ENDS, seconds, aggregation), strict=True):
        inside = [(at, value) for at, value in points if end - seconds <= at < end]
        assert measured.points == len(inside)
        if not inside:
            assert measured.value is None
        else:
            wanted = exact(aggregation, inside, seconds)
            assert measured.value == pytest.approx(wanted, rel=0.0100001 if aggregation[0] == "p" else 1e-9, abs=1e-9)
