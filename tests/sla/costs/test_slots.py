"""The slots of a judged period add up to what its budget paid."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sla.costs.slots import bad_minutes, slots_of
from sla.figures.judging import judge
from sla.minutes.dense import DenseMinutes
from tests.calendars.oracle import utc
from tests.sla.figures.builders import SlowMinutes, at, counts, make_correction, make_period, make_version

PERIOD = make_period("2026-11-25T00:00", "2026-11-27T00:00")
START = at("2026-11-25T00:00")
BAD = st.dictionaries(st.integers(0, 2879), st.integers(0, 5), max_size=60)


def minutes_of(bad: dict[int, int]) -> DenseMinutes:
    return DenseMinutes.from_counts({START + number * 60: counts(10, each) for number, each in bad.items()})


@given(BAD, st.sampled_from([None, 300, 900]), st.integers(1, 2880))
def test_slots_add_up_to_what_was_judged_bad(bad, slice_seconds, until) -> None:
    version = make_version(slice_seconds=slice_seconds, slice_target=slice_seconds and Decimal("0.9"))
    corrections = [make_correction("2026-11-25T10:00", "2026-11-25T16:30")]
    minutes = minutes_of(bad)
    now = utc("2026-11-25T00:00") + (utc("2026-11-25T00:01") - utc("2026-11-25T00:00")) * until
    judged = judge(version, minutes, PERIOD, corrections, now)
    slots = slots_of(version, judged, minutes)
    assert sum(slot.bad for slot in slots) == judged.adjusted.sums.bad
    assert all(slot.end <= now.timestamp() and slot.bad for slot in slots)


@given(BAD, st.integers(0, 2879), st.integers(0, 2879))
def test_bad_minutes_are_those_of_a_look_at_each(bad, one, other) -> None:
    low, high = START + min(one, other) * 60, START + max(one, other) * 60
    slow = SlowMinutes({START + number * 60: counts(10, each) for number, each in bad.items()})
    expected = [(moment, sums) for moment, sums in slow.each(low, high) if sums.bad]
    assert list(bad_minutes(minutes_of(bad), [(low, high)])) == expected
