"""How much counts and durations wander."""

from random import Random

import pytest

from releases.verdicts.statistics.noise import dispersion, level_of, p_of_shift, wandering
from tradewatch.metrics.histogram import ZERO_BIN, bins_of


def test_independent_counts_have_none():
    dice = Random(7)
    blocks = [(sum(dice.random() < 0.01 for _ in range(2000)), 2000) for _ in range(72)]
    assert dispersion([blocks]) < 1.5


@pytest.mark.parametrize("size", [3, 8])
def test_events_that_come_together_count_as_often_as_they_come(size):
    dice = Random(7)
    blocks = [(size * sum(dice.random() < 0.01 for _ in range(500)), 1) for _ in range(72)]
    assert dispersion([blocks]) == pytest.approx(size, rel=0.5)


def test_a_step_between_two_calm_levels_is_one_step_and_none_where_something_was_deployed():
    levels = [(10, 1000)] * 36 + [(60, 1000)] * 36
    whole = dispersion([levels])
    parted = dispersion([levels[:36], levels[36:]])
    assert parted == 1.0 and whole < 3


@pytest.mark.parametrize("blocks", [[], [(3, 10)], [(9, 10)] * 5, [(0, 100)] * 72, [(0, 0)] * 72])
def test_little_history_says_nothing(blocks):
    assert dispersion([blocks]) == dispersion([blocks], 13) == dispersion([]) == 1.0


def test_latency_wanders_by_what_sampling_does_not_explain():
    dice = Random(7)

    def levels(spread: float):
        for _ in range(72):
            middle = dice.gauss(0, spread)
            yield level_of(bins_of(0.2 * 2.718281828 ** (middle + dice.gauss(0, 0.5)) for _ in range(200)))

    assert wandering([list(levels(0.0))]) < 0.02
    assert wandering([list(levels(0.1))]) == pytest.approx(0.1, rel=0.3)
    assert wandering([]) == wandering([[None] * 72]) == 0.0


def test_a_level_needs_some_durations_and_takes_zeros():
    assert level_of({1: 9}) is None
    zeros = level_of({ZERO_BIN: 20})
    assert zeros is not None and zeros.variance == 0.0


def test_a_shift_is_held_against_how_much_it_wanders():
    assert p_of_shift(1.25, 0.0) == 0.0
    assert p_of_shift(1.25, 0.05) < 0.001 < p_of_shift(1.25, 0.1)
    assert p_of_shift(1.0, 0.1) == pytest.approx(0.5)


def test_what_drifts_slowly_wanders_further_over_an_hour():
    rising = [(100 + 5 * number, 1000) for number in range(72)]
    assert dispersion([rising], 1) == 1.0 < dispersion([rising], 13)


def test_runs_too_short_for_the_distance_are_asked_about_nearer_blocks():
    bursts = [(60 if number % 4 == 0 else 0, 1000) for number in range(8)]
    assert dispersion([bursts] * 4, 13) > 10


@pytest.mark.parametrize("lag", [1, 2, 4, 13])
def test_what_comes_at_regular_times_wanders_at_every_distance(lag):
    every_ten_minutes = [(40 if number % 2 else 0, 1000) for number in range(72)]
    assert dispersion([every_ten_minutes], lag) > 30
