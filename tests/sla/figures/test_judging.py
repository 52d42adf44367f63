from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.choices import CorrectionKind, TargetState
from sla.figures.judging import judge
from sla.figures.values import Judged
from sla.minutes.values import UNIT, Sums
from sla.models import TargetVersion
from tests.calendars.oracle import utc
from tests.sla.figures.builders import (
    SlowMinutes,
    at,
    correction_between,
    counts,
    error_rate,
    every_minute,
    make_correction,
    make_period,
    make_version,
    p95,
)
from tradewatch.calendars.spans import Span
from tradewatch.metrics.histogram import bins_of

DAY = make_period("2026-11-25T00:00", "2026-11-26T00:00")
LATER = utc("2026-11-26T09:00")


def judged_of(version: TargetVersion, valid: int, bad: int) -> Judged:
    return judge(version, SlowMinutes({at("2026-11-25T10:00"): counts(valid, bad)}), DAY, [], LATER)


@pytest.mark.parametrize(
    ("valid", "bad", "state"),
    [
        (1_000_000_000, 0, "met"),
        (1_000_000_000, 10_000_000, "met"),  # on the target to the last request
        (1_000_000_000, 10_000_001, "missed"),
        (1_000_000_000, 14_999_999, "missed"),
        (1_000_000_000, 15_000_000, "warning"),  # reached at equality
        (1_000_000_000, 19_999_999, "warning"),
        (1_000_000_000, 20_000_000, "critical"),
        (3, 3, "critical"),
        (0, 0, "no_data"),
    ],
)
def test_states_of_a_ratio_where_higher_is_better(valid: int, bad: int, state: str) -> None:
    assert judged_of(make_version(), valid, bad).adjusted.state == state


@pytest.mark.parametrize(
    ("bad", "state"), [(10, "met"), (11, "missed"), (19, "missed"), (20, "warning"), (49, "warning"), (50, "critical")]
)
def test_states_of_a_ratio_where_lower_is_better(bad: int, state: str) -> None:
    figures = judged_of(error_rate(), 1000, bad).adjusted
    assert figures.state == state and figures.value == Decimal(bad) / 1000


def test_a_third_is_compared_before_it_is_rounded() -> None:
    # 2/3 is over 0.666666666 by less than a billionth.
    version = make_version(target_value="0.666666667", warning_threshold="0.6", critical_threshold="0.5")
    assert judged_of(version, 3, 1).adjusted.state == TargetState.MISSED
    version = make_version(target_value="0.666666666", warning_threshold="0.6", critical_threshold="0.5")
    assert judged_of(version, 3, 1).adjusted.state == TargetState.MET


@pytest.mark.parametrize(
    ("objective", "valid", "bad", "allowed", "remaining"),
    [
        ("0.99", 1000, 4, "10", "0.6"),
        ("0.99", 1000, 10, "10", "0"),
        ("0.99", 1000, 35, "10", "-2.5"),  # never clamped
        ("0.999", 100, 0, "0.1", "1"),
        ("1", 100, 0, "0", "1"),
    ],
)
def test_the_budget(objective: str, valid: int, bad: int, allowed: str, remaining: str) -> None:
    figures = judged_of(make_version(objective=objective), valid, bad).adjusted
    assert (figures.allowed, figures.remaining) == (Decimal(allowed), Decimal(remaining))


def test_where_nothing_may_fail_and_something_did_there_is_no_budget_to_speak_of() -> None:
    assert judged_of(make_version(objective="1"), 100, 1).adjusted.remaining is None


def test_without_data_everything_is_none_and_coverage_is_nothing() -> None:
    figures = judge(make_version(), SlowMinutes({}), DAY, [], LATER).adjusted
    assert (figures.value, figures.sli, figures.allowed, figures.remaining) == (None, None, None, None)
    assert (figures.state, figures.coverage, figures.minutes_expected) == (
        TargetState.NO_DATA,
        Decimal(0),
        1440,
    )


def test_coverage_is_of_the_minutes_that_count_up_to_now() -> None:
    minutes = SlowMinutes(every_minute("2026-11-25T00:00", "2026-11-25T03:00", counts(10)))
    judged = judge(make_version(), minutes, DAY, [], utc("2026-11-25T04:00") + timedelta(seconds=59))
    assert (judged.adjusted.coverage, judged.adjusted.minutes_expected) == (Decimal("0.75"), 240)
    none = judge(make_version(), minutes, make_period("2026-11-25T00:00", "2026-11-26T00:00", spans=()), [], LATER)
    assert none.adjusted.coverage is None


def test_exclusions_leave_numerator_and_denominator_and_raw_stands_beside() -> None:
    minutes = SlowMinutes(
        every_minute("2026-11-25T00:00", "2026-11-26T00:00", counts(10))
        | every_minute("2026-11-25T10:00", "2026-11-25T11:00", counts(10, 10))
    )
    corrections = [
        make_correction("2026-11-25T10:00", "2026-11-25T10:40"),
        make_correction("2026-11-25T10:30", "2026-11-25T11:00", pk=12, reason="Switch", actor="eve"),
        make_correction("2026-11-25T12:00", "2026-11-25T12:00:01", pk=13, reason="A second"),
        make_correction("2026-11-24T12:00", "2026-11-24T13:00", pk=14),
        make_correction("2026-11-25T13:00", "2026-11-25T14:00", pk=15, withdrawn_at=LATER),
        make_correction("2026-11-25T13:00", "2026-11-25T14:00", pk=16, target_id=99),
        make_correction("2026-11-25T13:00", "2026-11-25T14:00", pk=17, environment="staging"),
    ]
    judged = judge(make_version(environment="production"), minutes, DAY, corrections, LATER)
    first, second = judged.exclusions
    assert first.span == Span(utc("2026-11-25T10:00"), utc("2026-11-25T11:00"))
    assert (first.reason, first.actor, first.correction_id) == ("Disks; Switch", "bob; eve", 11)
    assert (first.sums.received, first.sums.received_bad) == (600, 600)
    assert second.span.length == timedelta(minutes=1) and second.sums.received == 10  # touched minutes leave whole
    assert (judged.raw.state, judged.adjusted.state) == ("critical", "met")
    gone = first.sums.plus(second.sums)
    assert judged.adjusted.sums.plus(gone) == judged.raw.sums
    assert judged.adjusted.minutes_expected == 1440 - 61


def test_recurring_times_are_exclusions_of_the_version_and_join_with_corrections() -> None:
    hour = Span(utc("2026-11-25T02:00"), utc("2026-11-25T03:00"))
    around = (Span(DAY.start, hour.start), Span(hour.end, DAY.end))
    period = make_period("2026-11-25T00:00", "2026-11-26T00:00", spans=around, excluded=(hour,))
    minutes = SlowMinutes(every_minute("2026-11-25T00:00", "2026-11-26T00:00", counts(1)))
    [alone] = judge(make_version(), minutes, period, [], LATER).exclusions
    assert (alone.kind, alone.correction_id, alone.sums.received) == (CorrectionKind.OUTSIDE_HOURS, None, 60)
    both = judge(make_version(), minutes, period, [make_correction("2026-11-25T02:30", "2026-11-25T04:00")], LATER)
    assert [each.sums.received for each in both.exclusions] == [120]
    assert (both.raw.sums.received, both.adjusted.sums.received) == (1440, 1320)


def test_a_correction_outside_the_sessions_takes_nothing_and_is_not_listed() -> None:
    session = Span(utc("2026-11-25T14:30"), utc("2026-11-25T21:00"))
    period = make_period("2026-11-25T00:00", "2026-11-26T00:00", spans=(session,))
    night = make_correction("2026-11-25T02:00", "2026-11-25T04:00")
    assert judge(make_version(), SlowMinutes({}), period, [night], LATER).exclusions == ()


def test_a_running_period_says_so_far_and_apart_where_it_ends() -> None:
    minutes = SlowMinutes(every_minute("2026-11-25T00:00", "2026-11-25T06:00", counts(10, 1)))
    judged = judge(make_version(), minutes, DAY, [], utc("2026-11-25T06:00"))
    assert judged.projected and not judged.is_over
    assert (judged.adjusted.sums.received, judged.projected.sums.received) == (3600, 14400)
    assert (judged.adjusted.allowed, judged.projected.allowed) == (Decimal(36), Decimal(144))
    assert judged.projected.remaining == judged.adjusted.remaining == -9
    assert judge(make_version(), minutes, DAY, [], LATER).projected is None


def percentile_of(seconds: list[float], over: int) -> Judged:
    minute = at("2026-11-25T10:00")
    minutes = SlowMinutes({minute: counts(len(seconds), over)}, {minute: dict(bins_of(seconds))})
    return judge(p95(), minutes, DAY, [], LATER)


@pytest.mark.parametrize(
    ("seconds", "over", "state"),
    [
        ([0.1] * 95 + [3.0] * 5, 5, "met"),
        ([0.1] * 94 + [0.6] * 6, 6, "missed"),
        ([0.1] * 94 + [0.9] * 6, 6, "warning"),
        ([0.1] * 94 + [3.0] * 6, 6, "critical"),
        ([0.1] * 50 + [0.5] * 45 + [3.0] * 5, 5, "met"),  # 0.5 may stand in a bin whose value is over it
        ([0.1] * 50 + [0.5001] * 45 + [3.0] * 5, 50, "missed"),
    ],
)
def test_a_percentile_is_within_1_percent_and_on_its_side_of_the_target(
    seconds: list[float], over: int, state: str
) -> None:
    figures = percentile_of(seconds, over).adjusted
    true = sorted(seconds)[-(-95 * len(seconds) // 100) - 1]
    assert figures.state == state and figures.value
    assert abs(float(figures.value) / true - 1) < 0.0102
    assert (figures.value <= Decimal("0.5")) == (state == "met")


@given(st.lists(st.floats(0.49, 0.51), min_size=1, max_size=60))
def test_near_its_target_the_exact_counts_decide_and_the_value_says_the_same(seconds: list[float]) -> None:
    over = sum(1 for each in seconds if each > 0.5)
    figures = percentile_of(seconds, over).adjusted
    true = sorted(seconds)[-(-95 * len(seconds) // 100) - 1]
    assert figures.state == ("met" if true <= 0.5 else "missed")
    assert figures.value is not None and (figures.value <= Decimal("0.5")) == (true <= 0.5)
    assert abs(float(figures.value) / true - 1) < 0.0102


def test_where_counts_come_from_histograms_the_histogram_decides() -> None:
    minute = at("2026-11-25T10:00")
    minutes = SlowMinutes({minute: counts(100, 50, approximate=1)}, {minute: {**bins_of([0.1] * 100)}})
    figures = judge(p95(), minutes, DAY, [], LATER).adjusted
    assert figures.state == "met" and figures.is_approximate


def test_slices_are_judged_whole_and_empty_ones_left_out_unless_counted() -> None:
    start = at("2026-11-25T00:00")
    minutes = {start: counts(10, 1), start + 60: counts(10), start + 420: counts(1, 1)}
    fields = {"slice_seconds": 300, "slice_target": "0.95"}
    judged = judge(make_version(**fields), SlowMinutes(minutes), DAY, [], LATER).adjusted
    assert (judged.sums.received, judged.sums.received_bad, judged.sums.minutes) == (2, 1, 3)
    assert judged.value == Decimal("0.5")
    counted = judge(make_version(**fields, counts_empty_slices=True), SlowMinutes(minutes), DAY, [], LATER).adjusted
    assert (counted.sums.received, counted.sums.received_bad) == (288, 1)


def test_a_slice_that_is_not_over_is_not_judged_and_a_cut_one_by_what_is_left_of_it() -> None:
    minutes = SlowMinutes(every_minute("2026-11-25T00:00", "2026-11-25T01:00", counts(10, 10)))
    version = make_version(slice_seconds=600, slice_target="0.5")
    assert judge(version, minutes, DAY, [], utc("2026-11-25T00:19")).adjusted.sums.received == 1
    maintenance = make_correction("2026-11-25T00:02", "2026-11-25T00:15")
    judged = judge(version, minutes, DAY, [maintenance], utc("2026-11-25T00:20"))
    assert (judged.adjusted.sums.received, judged.adjusted.sums.minutes) == (2, 7)


LOOSE = {"warning_threshold": "0.4", "critical_threshold": "0.2"}
minute_counts = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(
    lambda pair: Sums(max(pair) * UNIT, min(pair) * UNIT, max(pair), min(pair), 1)
)
stretch = st.tuples(st.integers(0, 180), st.integers(1, 60))


def moment(minute: int) -> datetime:
    return DAY.start + timedelta(minutes=minute)


@given(
    st.dictionaries(st.integers(0, 180), minute_counts, max_size=40),
    st.lists(stretch, max_size=3),
    st.lists(stretch, min_size=1, max_size=3),
    st.sampled_from(["0.5", "0.75", "0.9", "1"]),
    st.sampled_from([None, 60, 300, 600]),
    st.integers(0, 200),
)
def test_figures_agree_with_fractions_minute_by_minute(
    known: dict[int, Sums],
    taken: list[tuple[int, int]],
    counting: list[tuple[int, int]],
    objective: str,
    seconds: int | None,
    now: int,
) -> None:
    spans = tuple(sorted(Span(moment(start), moment(start + length)) for start, length in counting))
    period = make_period("2026-11-25T00:00", "2026-11-25T04:00", spans=spans)
    corrections = [correction_between(moment(s), moment(s + n), pk=k) for k, (s, n) in enumerate(taken)]
    version = make_version(**{**LOOSE, "target_value": objective}, slice_seconds=seconds, slice_target="0.6")
    minutes = SlowMinutes({at("2026-11-25T00:00") + minute * 60: sums for minute, sums in known.items()})
    judged = judge(version, minutes, period, corrections, moment(now) + timedelta(seconds=30))

    held = [m for m in range(min(now, 240)) if any(span.holds(moment(m)) for span in spans)]
    left = [m for m in held if not any(s <= m < s + n for s, n in taken)]
    for figures, among in ((judged.raw, held), (judged.adjusted, left)):
        valid, bad = _slow(known, among, seconds // 60 if seconds else None, now)
        assert figures.minutes_expected == len(among)
        assert (figures.sums.valid, figures.sums.bad) == (valid, bad)
        if not valid:
            assert figures.state == "no_data" and figures.remaining is None
            continue
        sli = Fraction(valid - bad, valid)
        assert (figures.state == "met") == (sli >= Fraction(objective))
        if objective != "1":
            assert figures.remaining is not None
            assert abs(Fraction(figures.remaining) - (1 - (1 - sli) / (1 - Fraction(objective)))) < Fraction(1, 10**20)


def _slow(known: dict[int, Sums], among: list[int], size: int | None, now: int) -> tuple[int, int]:
    """Return (valid, bad) in millionths: of minutes, or of whole slices of `size` minutes."""
    if size is None:
        picked = [known[m] for m in among if m in known]
        return sum(each.valid for each in picked), sum(each.bad for each in picked)
    valid = bad = 0
    for first in range(0, 240, size):
        parts = [known[m] for m in among if first <= m < first + size and m in known]
        total, failed = sum(each.valid for each in parts), sum(each.bad for each in parts)
        if first + size <= min(now, 240) and total:
            valid += UNIT
            bad += UNIT * (Fraction(total - failed, total) < Fraction("0.6"))
    return valid, bad
