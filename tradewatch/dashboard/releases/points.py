"""Points of a budget: hundredths of the whole."""

from decimal import Decimal

from sla.words import trimmed

MANY = 10  # whole budgets: from there on nobody thinks in points


def points_words(share: Decimal) -> str:
    """Return `5.4 points` of 0.054, `54x` of 54 whole budgets."""
    if share >= MANY:
        return f"{share:,.0f}x"
    if 0 < share < Decimal("0.001"):
        return "under 0.1 points"
    size = trimmed(f"{share * 100:,.1f}")
    return f"{size} point" if size == "1" else f"{size} points"


def budget_words(share: Decimal) -> str:
    """Return `5.4 points of the budget`, `54x the budget`."""
    return f"{points_words(share)} the budget" if share >= MANY else f"{points_words(share)} of the budget"
