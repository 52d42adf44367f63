"""Sums over packed days are those of the minutes they were made of, whatever the edges."""

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.minutes.dense import DenseMinutes
from sla.minutes.packing import MOST, DayCounts, Minute, millionths, pack_counts
from sla.minutes.spreads import DaySpread, pack_bins, pack_hour, unpack_bins, unpack_hour
from sla.minutes.values import UNIT, Sums
from tradewatch.performance.traces.weighing import exact, merge

MIDNIGHT = 20_600 * 86_400
MINUTE = 60

counts = st.one_of(st.integers(0, 5), st.integers(0, 300), st.integers(0, MOST))
weighted = st.one_of(counts, st.integers(0, 5000).map(lambda number: number * UNIT))
minutes = st.builds(Minute, weighted, weighted, counts, counts, st.booleans())
weights = st.one_of(st.integers(1, 2000), st.floats(0.001, 500).map(exact))
spreads = st.dictionaries(st.integers(-600, 600), weights, max_size=8)
moments = st.integers(-2000, 3 * 1440 + 2000).map(lambda minute: MIDNIGHT + minute * MINUTE)


@given(st.dictionaries(st.integers(0, 1439), minutes, max_size=40))
@settings(max_examples=60, deadline=None)
def test_packing_gives_back_what_went_in_and_the_same_bytes_for_it(given_minutes: dict[int, Minute]) -> None:
    packed = pack_counts(given_minutes)
    assert dict(DayCounts(packed).each()) == given_minutes
    assert pack_counts(dict(reversed(given_minutes.items()))) == packed


@given(
    st.dictionaries(st.integers(0, 3 * 1440 - 1), minutes, max_size=60),
    st.dictionaries(st.integers(0, 3 * 1440 - 1), spreads, max_size=30),
    moments,
    moments,
)
@settings(max_examples=150, deadline=None)
def test_sums_and_histograms_are_those_of_the_minutes(
    counted: Mapping[int, Minute], bins: Mapping[int, dict[int, int | float]], start: int, end: int
) -> None:
    by_moment = {MIDNIGHT + at * MINUTE: _sums(minute) for at, minute in counted.items()}
    spread = {MIDNIGHT + at * MINUTE: each for at, each in bins.items()}
    dense = DenseMinutes.from_counts(by_moment, spread)
    within = {at: each for at, each in by_moment.items() if start <= at < end}
    naive = Sums()
    for each in within.values():
        naive = naive.plus(each)
    assert dense.sums(start, end) == naive
    assert list(dense.each(start, end)) == sorted(within.items())
    assert dense.bins(start, end) == merge(each for at, each in spread.items() if start <= at < end)


@given(
    st.dictionaries(st.integers(0, 3 * 1440 - 1), minutes, max_size=60),
    moments,
    moments,
    st.sampled_from([1, 5, 15, 240, 1440]),
)
@settings(max_examples=100, deadline=None)
def test_slices_are_sums_between_their_edges(counted: Mapping[int, Minute], start: int, end: int, size: int) -> None:
    seconds = size * MINUTE
    dense = DenseMinutes.from_counts({MIDNIGHT + at * MINUTE: _sums(minute) for at, minute in counted.items()})
    expected = []
    for number in range(start // seconds, -(-end // seconds)):
        found = dense.sums(max(start, number * seconds), min(end, (number + 1) * seconds))
        if found.minutes:
            expected.append((number, found.valid, found.bad, found.minutes, found.approximate_minutes))
    assert list(dense.slices(start, end, seconds)) == expected


@given(st.dictionaries(st.integers(0, 1439), minutes, max_size=60), st.sampled_from([1, 5, 240]), st.integers(0, 10))
@settings(max_examples=60, deadline=None)
def test_the_tally_of_a_day_is_that_of_its_slices(counted: Mapping[int, Minute], size: int, low: int) -> None:
    dense = DenseMinutes.from_counts({MIDNIGHT + at * MINUTE: _sums(minute) for at, minute in counted.items()})
    slices = list(dense.slices(MIDNIGHT, MIDNIGHT + 86_400, size * MINUTE))
    judged = [(valid, bad) for _, valid, bad, _, _ in slices if valid]
    failed = [1 for valid, bad in judged if Fraction(valid - bad, valid) < Fraction(low, 10)]
    for _ in range(2):  # the second time from memory
        tally = dense.day_of_slices(MIDNIGHT, size * MINUTE, low, 10)
        assert tally[:3] == (len(judged), len(failed), len(counted))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 86_400),  # a day
        (9 * 3600 + 1800, 16 * 3600),  # a session: whole hours and one edge
        (9 * 3600 + 1800, 9 * 3600 + 1860),  # one minute
        (23 * 3600 + 3540, 86_400 + 60),  # over midnight
        (-86_400, 2 * 86_400),  # more than there is
        (3600, 3600),  # nothing
        (7200, 3600),  # less than nothing
    ],
)
def test_every_minute_counts_once_at_any_edge(start: int, end: int) -> None:
    one = Sums(valid=UNIT, bad=UNIT, received=1, received_bad=1, minutes=1)
    dense = DenseMinutes.from_counts({MIDNIGHT + at: one for at in range(0, 86_400, MINUTE)})
    expected = max(min(end, 86_400) - max(start, 0), 0) // MINUTE
    assert dense.sums(MIDNIGHT + start, MIDNIGHT + end) == Sums(
        expected * UNIT, expected * UNIT, expected, expected, expected
    )


def test_minutes_that_came_from_histograms_are_counted_apart() -> None:
    exactly, about = Sums(valid=UNIT, minutes=1), Sums(valid=UNIT, minutes=1, approximate_minutes=1)
    dense = DenseMinutes.from_counts({MIDNIGHT: exactly, MIDNIGHT + 60: about})
    assert dense.sums(MIDNIGHT, MIDNIGHT + 86_400) == Sums(valid=2 * UNIT, minutes=2, approximate_minutes=1)


def test_a_minute_that_was_empty_is_not_one_without_data() -> None:
    dense = DenseMinutes.from_counts({MIDNIGHT: Sums()})
    assert dense.sums(MIDNIGHT, MIDNIGHT + 120).minutes == 1


def test_without_histograms_there_are_no_bins() -> None:
    assert DenseMinutes({}).bins(MIDNIGHT, MIDNIGHT + 86_400) == {}


@given(spreads)
@settings(max_examples=80, deadline=None)
def test_bins_come_back_as_they_were(bins: dict[int, int | float]) -> None:
    assert unpack_bins(pack_bins(bins)) == bins
    assert unpack_hour(pack_hour({59: bins})) == ({59: bins} if bins else {})


def test_bins_far_apart_come_back_too() -> None:
    assert unpack_bins(pack_bins({-32_768: 1, 4: 2.5})) == {-32_768: 1, 4: 2.5}


@pytest.mark.parametrize(("number", "expected"), [(1 / 3, 333_333), (0.0, 0), (-1.0, 0), (1e18, MOST), (12, 12 * UNIT)])
def test_weighted_counts_become_integers_within_bounds(number: float, expected: int) -> None:
    assert millionths(number) == expected


def _sums(minute: Minute) -> Sums:
    numbers = minute.valid, minute.bad, minute.received, minute.received_bad
    return Sums(*numbers, minutes=1, approximate_minutes=int(minute.is_approximate))


half_hours = st.dictionaries(st.integers(0, 47), spreads, max_size=10)


@given(half_hours, half_hours)
@settings(max_examples=80, deadline=None)
def test_half_hours_that_change_leave_the_others_as_they_were(
    first: dict[int, dict[int, int | float]], then: dict[int, dict[int, int | float]]
) -> None:
    day = DaySpread(DaySpread(DaySpread().with_half_hours(first)).with_half_hours(then))
    now = first | then
    for half in range(49):
        assert day.until(half) == merge(bins for at, bins in now.items() if at < half)
    assert day.total == merge(now.values())
