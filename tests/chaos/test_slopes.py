"""What the soak calls flat and what it calls rising."""

import random

import pytest

from benchmarks.slopes import trend


def sampled(rise: float, *, noise: float, count: int = 300) -> list[tuple[float, float]]:
    draw = random.Random(7)
    return [(float(at), 100 + rise * at / count + draw.gauss(0, noise)) for at in range(count)]


@pytest.mark.parametrize(
    ("rise", "noise", "verdict"),
    [(0, 1, "flat"), (-30, 1, "flat"), (30, 1, "rises"), (5, 1, "flat"), (0, 60, "not clear"), (30, 0, "rises")],
)
def test_what_grows_by_less_than_a_tenth_is_flat(rise: float, noise: float, verdict: str) -> None:
    assert trend(sampled(rise, noise=noise)).verdict(bound=10) == verdict


def test_growth_is_within_its_bounds() -> None:
    found = trend(sampled(30, noise=2))
    assert found.low < 30 < found.high and found.high - found.low < 3


def test_a_quantile_rises_where_the_mean_hardly_does() -> None:
    spikes = [(float(at), 100.0 if at % 10 else 100.0 + at) for at in range(600)]
    assert trend(spikes).growth < 70 < trend(spikes, quantile=0.95).growth


def test_too_few_samples_are_not_clear() -> None:
    assert trend([(0, 1), (1, 2)]).verdict(bound=10) == "not clear"
    assert trend([]).verdict(bound=10) == "not clear"


def slow_spells(rise: float, *, is_told: bool) -> str:
    """The verdict on a figure that follows the machine, which is slow for a third of the time, towards the end."""
    draw = random.Random(3)
    slow = [1.4 if 180 < at < 270 else 1.0 for at in range(300)]
    figure = [(float(at), speed * (100 + rise * at / 300) + draw.gauss(0, 1)) for at, speed in enumerate(slow)]
    machine = [(float(at), speed + draw.gauss(0, 0.01)) for at, speed in enumerate(slow)]
    return trend(figure, machine=machine if is_told else ()).verdict(bound=10)


def test_a_slow_spell_of_the_machine_is_no_trend_of_what_runs_on_it() -> None:
    assert slow_spells(0, is_told=False) != "flat"
    assert slow_spells(0, is_told=True) == "flat"
    assert slow_spells(40, is_told=True) == "rises"


def test_a_machine_of_even_speed_changes_nothing() -> None:
    draw = random.Random(5)
    even = [(float(at), 2.0 + draw.gauss(0, 0.01)) for at in range(300)]
    alone, beside = trend(sampled(30, noise=2)), trend(sampled(30, noise=2), machine=even)
    assert beside.growth == pytest.approx(alone.growth, abs=1.5)
    assert beside.verdict(bound=10) == "rises"
