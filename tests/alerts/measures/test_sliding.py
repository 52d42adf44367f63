from hypothesis import given
from hypothesis import strategies as st

from alerts.measures.sliding import window_sums
from tradewatch.metrics.queries import Totals

MINUTES = st.integers(0, 60).map(lambda minute: minute * 60)


@given(
    points=st.dictionaries(MINUTES, st.integers(0, 1000), max_size=40),
    first=st.integers(0, 30),
    length=st.integers(1, 40),
    window=st.integers(1, 50),
)
def test_each_window_is_the_sum_of_its_own_minutes(points, first, length, window) -> None:
    ends = [(first + at) * 60 for at in range(length)]
    totals = {at: Totals(count, float(count)) for at, count in points.items()}
    expected = [sum(count for at, count in points.items() if end - window * 60 <= at < end) for end in ends]
    sums = window_sums(totals, ends, window * 60)
    assert [each.count for each in sums] == expected
    assert [each.weighted for each in sums] == [float(count) for count in expected]


def test_an_empty_window_weighs_exactly_nothing() -> None:
    points = {0: Totals(3, 0.1), 60: Totals(3, 0.2)}
    assert window_sums(points, [60, 120, 180, 240], 60)[-1] == Totals(0, 0.0)
