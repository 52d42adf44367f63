from decimal import Decimal

import pytest

from tradewatch.dashboard.releases.points import budget_words, points_words


@pytest.mark.parametrize(
    ("share", "points", "of_budget"),
    [
        ("0.054", "5.4 points", "5.4 points of the budget"),
        ("0.01", "1 point", "1 point of the budget"),
        ("0.15", "15 points", "15 points of the budget"),
        ("0.0004", "under 0.1 points", "under 0.1 points of the budget"),
        ("1.2", "120 points", "120 points of the budget"),
        ("54.136", "54x", "54x the budget"),
    ],
)
def test_points_are_hundredths_of_a_budget(share: str, points: str, of_budget: str) -> None:
    assert (points_words(Decimal(share)), budget_words(Decimal(share))) == (points, of_budget)
