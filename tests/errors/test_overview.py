import pytest

from tradewatch.errors.overview import change_ratio, step_of


@pytest.mark.parametrize(("previous", "now", "ratio"), [(0, 5, None), (0, 0, None), (4, 6, 0.5), (4, 0, -1.0)])
def test_a_change_is_relative_to_before_and_unknown_without_it(previous: int, now: int, ratio: float | None) -> None:
    assert change_ratio(previous, now) == ratio


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(900, 60), (3600, 60), (7201, 300), (86_400, 900), (30 * 86_400, 21_600), (400 * 86_400, 86_400)],
)
def test_a_window_is_drawn_in_few_points(seconds: int, step: int) -> None:
    assert step_of(seconds) == step
