from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.calendars.oracle import utc
from tradewatch.calendars.spans import Span, common, without

START = utc("2026-11-25T00:00")
Stretches = list[tuple[int, int]]
stretches = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=6)


def moment(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@given(stretches, stretches)
def test_common_and_without_agree_with_sets_of_minutes(
    mine: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> None:
    (spans, minutes), (others, taken) = _both(mine), _both(theirs)
    for found, expected in ((common(spans, others), minutes & taken), (without(spans, others), minutes - taken)):
        held = [minute for span in found for minute in range(60) if span.holds(moment(minute))]
        assert held == sorted(expected)
        assert all(span.start < span.end for span in found)


def _both(stretches: Stretches) -> tuple[list[Span], set[int]]:
    spans = [Span(moment(start), moment(start + length)) for start, length in stretches]
    return spans, {minute for start, length in stretches for minute in range(start, start + length)}
