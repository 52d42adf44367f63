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
