"""Nothing that may change late is left out, and no tick reads more than it must."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.collecting.plans import CHUNK, DAY, HOUR, MINUTE, Stretch, backwards, chunks, newest, older

NOON = 20_600 * DAY + 12 * HOUR


@pytest.mark.parametrize(
    ("now", "last", "seconds_back"),
    [
        (NOON + 65, None, 10 * MINUTE),
        (NOON + 125, NOON + 60, 65 + 10 * MINUTE),
        (NOON + 605, NOON + 540, 3 * HOUR),
        (NOON + 660, NOON + 540, 3 * HOUR),  # the tick on the ten minutes was missed
        (NOON + 5, NOON - 60, 2 * DAY),
        (NOON + 5, NOON - 5 * DAY, 5 * DAY + 605),  # all of a gap
        (NOON + 5, NOON + 3 * DAY, 10 * MINUTE),  # the clock was set back
    ],
)
def test_how_far_back_a_tick_reads(now: int, last: int | None, seconds_back: int) -> None:
    stretch = newest(now, last)
    assert stretch.start == (now - seconds_back) // MINUTE * MINUTE
    assert stretch.end == (now // MINUTE + 1) * MINUTE


def test_each_day_that_is_held_is_read_again_once_in_a_day() -> None:
    held_from = NOON - 30 * DAY + 7 * MINUTE
    read: list[Stretch] = []
    last = NOON
    for now in range(NOON + 60, NOON + DAY + 60, MINUTE):
        read += older(now, last, held_from)
        last = now // MINUTE * MINUTE
    days = sorted(each.start // DAY for each in read)
    assert days == list(range(held_from // DAY, NOON // DAY))  # the last has become two days old
    assert min(each.start for each in read) == held_from


def test_an_hour_reads_older_days_once_and_a_gap_at_most_all_of_them() -> None:
    held_from = NOON - 30 * DAY
    assert older(NOON + 90, NOON + 30, held_from) == []
    assert older(NOON, None, held_from) == []
    after_a_week = older(NOON, NOON - 7 * DAY, held_from)
    assert len(after_a_week) == len(set(after_a_week)) == 29


@given(st.integers(0, 30 * 1440), st.integers(1, 10 * 1440))
@settings(max_examples=80, deadline=None)
def test_parts_are_the_whole_and_end_on_midnights(first: int, length: int) -> None:
    stretch = Stretch(NOON + first * MINUTE, NOON + (first + length) * MINUTE)
    for parts in (list(chunks(stretch)), list(backwards(stretch.end, stretch.start))[::-1]):
        assert parts[0].start == stretch.start and parts[-1].end == stretch.end
        assert all(one.end == other.start and one.end % DAY == 0 for one, other in pairwise(parts))
        assert all(0 < each.end - each.start <= CHUNK for each in parts)
