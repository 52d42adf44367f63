from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.choices import WindowKind
from sla.figures.burns import burning
from sla.figures.judging import judge
from sla.figures.lasting import lasts, lasts_words
from sla.figures.pairs import DAY, HOUR, pairs_for
from sla.figures.warnings import unreachable
from sla.minutes.values import UNIT, Sums
from sla.models import TargetVersion
from tests.calendars.oracle import utc
from tests.sla.figures.builders import SlowMinutes, at, counts, every_minute, make_period, make_version
from tradewatch.calendars.spans import Span, without

NOW = utc("2026-11-26T12:00") + timedelta(seconds=20)
DAYS = (Span(utc("2026-11-20T00:00"), utc("2026-11-28T00:00")),)
THOUSAND = counts(1000)
THREE_NINES = make_version(target_value="0.999", warning_threshold="0.99", critical_threshold="0.98")


def quiet(each: Sums = THOUSAND) -> dict[int, Sums]:
    return every_minute("2026-11-23T12:00", "2026-11-26T12:00", each)


def since(minutes: int, bad: int, valid: int = 1000) -> dict[int, Sums]:
    return {at("2026-11-26T12:00") - 60 * number: counts(valid, bad) for number in range(1, minutes + 1)}


def firing(version: TargetVersion, minutes: Mapping[int, Sums], **more: int) -> list[tuple[int, bool]]:
    found = burning(version, SlowMinutes(minutes), DAYS, NOW, **more)
    return [(each.pair.long_seconds // HOUR, each.is_held) for each in found if each.is_firing]


def test_the_pairs_of_30_days_are_those_of_the_workbook() -> None:
    """https://sre.google/workbook/alerting-on-slos/, table 5-8, and 1 day / 2 h between as the spec has it."""
    assert [
        (pair.long_seconds / HOUR, pair.short_seconds / HOUR, pair.factor, pair.severity, pair.least_bad)
        for pair in pairs_for(30 * DAY)
    ] == [
        (1, 1 / 12, Decimal("14.4"), "page", 3),
        (6, 0.5, 6, "page", 3),
        (24, 2, 3, "ticket", 2),
        (72, 6, 1, "ticket", 2),
    ]


@pytest.mark.parametrize(
    ("seconds", "factors"),
    [
        (
            743 * HOUR,
            [
                "14.86",
                "6.191666666666666666666666667",
                "3.095833333333333333333333333",
                "1.031944444444444444444444444",
            ],
        ),
        (90 * DAY, ["43.2", "18", "9", "3"]),
        (7 * DAY, ["3.36", "1.4", "1", "1"]),
        (DAY, ["1", "1"]),
        (HOUR, []),
    ],
)
def test_factors_scale_with_the_period_and_are_never_under_1(seconds: int, factors: list[str]) -> None:
    assert [pair.factor for pair in pairs_for(seconds)] == [Decimal(factor) for factor in factors]


@pytest.mark.parametrize(
    ("rate", "minutes_until_page"),
    [(1.0, 1), (0.1, 9), (0.02, 44)],
)
def test_how_soon_a_page_comes_is_what_the_workbook_says(rate: float, minutes_until_page: int) -> None:
    """Detection time = factor * (1 - slo) * window / error ratio: all failing is paged within the first minute."""
    bad = int(rate * 1000)
    before = 0.0144 * 60 / rate
    for minutes in range(1, 60):
        known = quiet() | since(minutes, bad)
        fires = any(hours == 1 for hours, _ in firing(THREE_NINES, known))
        assert fires == (minutes > before)
        if fires:
            assert minutes == minutes_until_page
            break


def test_a_burn_that_only_reaches_its_factor_does_not_fire() -> None:
    exactly = every_minute("2026-11-23T12:00", "2026-11-26T12:00", counts(10_000, 144))
    assert 1 not in [hours for hours, _ in firing(THREE_NINES, exactly)]
    over = exactly | since(1, 145, 10_000)
    assert [hours for hours, held in firing(THREE_NINES, over) if not held] == [1]


def test_both_windows_must_burn() -> None:
    over_but_ended = quiet() | {at("2026-11-26T11:30"): counts(1000, 1000)}
    [first, *_] = burning(THREE_NINES, SlowMinutes(over_but_ended), DAYS, NOW)
    assert first.long_burn and first.long_burn > first.pair.factor
    assert first.short_burn == 0 and not first.is_firing


def test_the_slower_are_held_while_a_faster_fires() -> None:
    assert firing(THREE_NINES, quiet() | since(300, 100)) == [(1, False), (6, True), (24, True), (72, True)]
    assert firing(THREE_NINES, quiet(counts(10_000, 15))) == [(72, False)]


@pytest.mark.parametrize(("bad", "fires"), [(2, []), (3, [1, 6])])
def test_pages_need_three_bad_events(bad: int, fires: list[int]) -> None:
    found = firing(THREE_NINES, {at("2026-11-26T11:59"): counts(bad, bad)})
    assert [hours for hours, _ in found if hours < 24] == fires


def test_sampled_events_prove_no_more_than_those_that_came() -> None:
    ten_times = Sums(20 * UNIT, 20 * UNIT, 2, 2, 1)
    assert all(hours >= 24 for hours, _ in firing(THREE_NINES, {at("2026-11-26T11:59"): ten_times}))


@pytest.mark.parametrize(("least", "fires"), [(40, True), (41, False)])
def test_little_traffic_is_left_alone(least: int, fires: bool) -> None:
    version = make_version(target_value="0.999", least_events=least)
    assert bool(firing(version, {at("2026-11-26T11:59"): counts(40, 40)})) == fires


def test_no_data_is_no_burn() -> None:
    found = burning(THREE_NINES, SlowMinutes({}), DAYS, NOW)
    assert {(each.long_burn, each.short_burn, each.is_firing) for each in found} == {(None, None, False)}


def test_on_market_time_windows_reach_over_the_night() -> None:
    sessions = tuple(Span(utc(f"2026-11-{day}T14:30"), utc(f"2026-11-{day}T21:00")) for day in ("23", "24", "25"))
    version = make_version(window=WindowKind.MARKET, market="XNYS", target_value="0.999")
    # At 14:50 the hour is 20 minutes of today and the last 40 of yesterday: all of yesterday's failures count.
    bad = every_minute("2026-11-24T20:20", "2026-11-24T21:00", counts(1, 1))
    night = every_minute("2026-11-24T22:00", "2026-11-25T14:00", counts(100, 100))
    today = every_minute("2026-11-25T14:30", "2026-11-25T14:50", counts(1))
    now = utc("2026-11-25T14:50")
    [first, *_] = burning(version, SlowMinutes(bad | night | today), sessions, now, period_seconds=130 * HOUR)
    assert first.bad == 40 and first.long_burn == Decimal(40) / 60 * 1000
    assert first.short_burn == 0


def test_slices_are_taken_whole_by_short_windows_too() -> None:
    version = make_version(target_value="0.99", slice_seconds=600, slice_target="0.9")
    known = {at("2026-11-26T12:00") - 60 * number: counts(10, 10) for number in range(1, 61)}
    [first, *_] = burning(version, SlowMinutes(known), DAYS, NOW + timedelta(minutes=7))
    assert (first.short_burn, first.long_burn, first.bad) == (Decimal(100), Decimal(100), 6)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 60), st.sampled_from(["0.9", "0.99", "0.999"]))
def test_burns_are_error_ratios_over_the_budget(bad: int, more: int, valid: int, objective: str) -> None:
    version = make_version(target_value=objective)
    known = {at("2026-11-26T11:58"): counts(max(bad, valid), bad), at("2026-11-26T11:20"): counts(more + 1, more)}
    [first, *_] = burning(version, SlowMinutes(known), DAYS, NOW)
    ratio = Decimal(bad + more) / (max(bad, valid) + more + 1)
    assert first.long_burn is not None and abs(first.long_burn - ratio / (1 - Decimal(objective))) < Decimal("1e-20")
    assert first.bad == bad + more


@given(
    st.dictionaries(st.integers(1, 4400), st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(1, 4400), st.integers(1, 600)), max_size=3),
    st.sampled_from(["0.5", "0.9", "0.99", "0.999"]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_every_pair_agrees_with_fractions_minute_by_minute(
    known: dict[int, tuple[int, int]], gone: list[tuple[int, int]], objective: str, is_market: bool
) -> None:
    """Minutes are numbered back from now. On market time windows reach back over what does not count."""
    end = utc("2026-11-26T12:00")
    taken = [Span(end - timedelta(minutes=n), end - timedelta(minutes=max(0, n - size))) for n, size in gone]
    spans = without([Span(end - timedelta(days=6), end)], taken)
    counted = [m for m in range(1, 6 * 1440 + 1) if not any(max(0, n - size) < m <= n for n, size in gone)]
    version = make_version(
        target_value=objective, window=WindowKind.MARKET if is_market else WindowKind.ROLLING, market="XNYS"
    )
    minutes = SlowMinutes({at("2026-11-26T12:00") - 60 * n: counts(a + b, b) for n, (a, b) in known.items()})
    budget, fired = 1 - Fraction(objective), False
    for found in burning(version, minutes, spans, NOW, period_seconds=30 * DAY):
        burns = []
        for seconds in (found.pair.long_seconds, found.pair.short_seconds):
            length = seconds // 60
            among = counted[:length] if is_market else [m for m in counted if m <= length]
            good, bad = (sum(known[m][side] for m in among if m in known) for side in (0, 1))
            burns.append((Fraction(bad, good + bad) / budget if good + bad else None, bad))
        assert found.bad == burns[0][1]
        is_over = all(burn is not None and burn > Fraction(found.pair.factor) for burn, _ in burns)
        assert found.is_firing == (is_over and found.bad >= found.pair.least_bad)
        assert found.is_held == (found.is_firing and fired)
        fired = fired or found.is_firing


@pytest.mark.parametrize(
    ("objective", "days", "pages"),
    [
        ("0.999", 30, 0),
        ("0.93", 30, 1),
        ("0.94", 30, 0),
        ("0.8", 30, 2),
        ("0.5", 30, 3),
        ("0.95", 90, 1),
        ("0.9", 7, 0),
    ],
)
def test_burns_that_can_never_come_are_warned_of(objective: str, days: int, pages: int) -> None:
    assert len(unreachable(make_version(objective=objective, window_days=days))) == pages


def test_the_words_of_a_burn_that_can_never_come() -> None:
    [said] = unreachable(make_version(objective="0.93"))
    assert said == (
        "The page over 1 h and 5 min can never come: it takes a burn over 14.4, and when everything fails it is 14.3."
    )
    assert unreachable(make_version(objective="1"))[0].startswith("Nothing may fail")
    assert unreachable(make_version(), period_seconds=HOUR)[0].startswith("The period is too short")


def test_how_long_the_budget_lasts() -> None:
    # 30 days of one request a minute at 99%: 432 may fail, 216 did; at a burn of 98.2 the half lasts 3 h 40 min.
    period = make_period("2026-10-27T12:00", "2026-11-26T12:00")
    known = every_minute("2026-10-27T12:00", "2026-11-26T12:00", counts(1))
    known |= every_minute("2026-11-26T08:24", "2026-11-26T12:00", counts(1, 1))
    version = make_version()
    judged = judge(version, SlowMinutes(known), period, [], NOW)
    assert judged.adjusted.remaining == Decimal("0.5")
    assert lasts(judged, Decimal(1)) == timedelta(days=15)
    assert lasts_words(version, judged, Decimal("98.1")) == "At this rate the budget lasts 3 h 40 min."
    assert lasts_words(make_version(window=WindowKind.MARKET), judged, Decimal("98.1")).endswith("min of session time.")


def test_of_a_running_period_the_budget_is_that_of_the_whole() -> None:
    # A tenth of 100 hours is over and has used 30% of its own budget: 3% of the whole. 97 hours' worth is left.
    period = make_period("2026-11-26T00:00", "2026-11-30T04:00")
    known = every_minute("2026-11-26T00:00", "2026-11-26T10:00", counts(1000, 3))
    version = make_version()
    judged = judge(version, SlowMinutes(known), period, [], utc("2026-11-26T10:00"))
    assert judged.adjusted.remaining == Decimal("0.7")
    assert lasts(judged, Decimal(2)) == timedelta(hours=48.5)
    spent = judge(version, SlowMinutes(quiet(counts(10, 10))), DAYS_PERIOD, [], NOW)
    assert lasts_words(version, spent, Decimal(2)) == "The budget is used up."


DAYS_PERIOD = make_period("2026-11-23T12:00", "2026-11-26T12:00")
