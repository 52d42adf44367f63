from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sla.figures.judging import judge
from sla.figures.running import running_down
from tests.calendars.oracle import utc
from tests.sla.figures.builders import SlowMinutes, at, counts, every_minute, make_correction, make_period, make_version

DAY = make_period("2026-11-25T00:00", "2026-11-26T00:00")
LATER = utc("2026-11-26T09:00")


def test_a_budget_runs_down_as_it_was_used() -> None:
    known = every_minute("2026-11-25T00:00", "2026-11-26T00:00", counts(100))
    known |= {at("2026-11-25T06:30"): counts(100, 36), at("2026-11-25T18:00"): counts(100, 72)}
    minutes = SlowMinutes(known)
    judged = judge(make_version(objective="0.9995"), minutes, DAY, [], LATER)  # 72 of 144,000 may fail
    assert running_down(judged, minutes, 4) == [
        (utc("2026-11-25T00:00"), 1),
        (utc("2026-11-25T06:00"), 1),
        (utc("2026-11-25T12:00"), Decimal("0.5")),
        (utc("2026-11-25T18:00"), Decimal("0.5")),
        (utc("2026-11-26T00:00"), Decimal("-0.5")),
    ]


def test_without_a_budget_there_is_no_curve() -> None:
    minutes = SlowMinutes({})
    assert running_down(judge(make_version(), minutes, DAY, [], LATER), minutes, 10) == []
    ahead = make_period("2026-12-01T00:00", "2026-12-02T00:00")
    assert running_down(judge(make_version(), minutes, ahead, [], LATER), minutes, 10) == []


def test_slices_run_down_as_slices() -> None:
    version = make_version(target_value="0.5", slice_seconds=3600, slice_target="0.9")
    known = {at(f"2026-11-25T0{hour}:10"): counts(10, 10 if hour == 2 else 0) for hour in range(4)}
    minutes = SlowMinutes(known)
    judged = judge(version, minutes, DAY, [], LATER)
    curve = dict(running_down(judged, minutes, 24, version))
    assert (curve[utc("2026-11-25T02:00")], curve[utc("2026-11-25T03:00")]) == (Decimal(1), Decimal("0.5"))
    assert list(curve.values())[-1] == judged.adjusted.remaining


@given(
    st.dictionaries(st.integers(0, 1500), st.integers(0, 4), min_size=1, max_size=30),
    st.integers(1, 50),
    st.integers(0, 1400),
    st.sampled_from([None, 300]),
    st.integers(30, 1600),
)
def test_the_curve_never_rises_and_ends_at_what_remains(
    bad: dict[int, int], points: int, gone: int, seconds: int | None, now: int
) -> None:
    minutes = SlowMinutes({at("2026-11-25T00:00") + 60 * minute: counts(5, count) for minute, count in bad.items()})
    version = make_version(slice_seconds=seconds, slice_target="0.7")
    moment = DAY.start + timedelta(minutes=gone)
    correction = make_correction("2026-11-25T00:00", "2026-11-25T00:01")
    correction.starts_at, correction.ends_at = moment, moment + timedelta(minutes=30)
    judged = judge(version, minutes, DAY, [correction], DAY.start + timedelta(minutes=now))
    curve = [left for _, left in running_down(judged, minutes, points, version)]
    assert curve == sorted(curve, reverse=True)
    if curve:
        assert curve[0] == 1 and judged.adjusted.remaining is not None
        assert abs(curve[-1] - judged.adjusted.remaining) < Decimal("1e-20")
