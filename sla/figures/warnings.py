"""What is wrong with a target before it has counted anything: burns that can never come. Pure."""

from datetime import timedelta
from fractions import Fraction

from alerts.words import duration_words, number_words
from sla.figures.pairs import pairs_for, usual_seconds
from sla.figures.values import BurnPair
from sla.models import TargetVersion


def unreachable(version: TargetVersion, *, period_seconds: int | None = None) -> list[str]:
    """Return a sentence for each pair of burn windows that can never fire.

    When everything fails the burn is 1 / (1 - objective), and a factor must be exceeded.
    """
    budget = 1 - Fraction(version.objective)
    if not budget:
        return ["Nothing may fail, so there is no budget to burn: only the thresholds can alert."]
    pairs = pairs_for(period_seconds or usual_seconds(version))
    if not pairs:
        return ["The period is too short for burn alerts: only the thresholds can alert."]
    most = 1 / budget
    return [_sentence(pair, most) for pair in pairs if most <= Fraction(pair.factor)]


def _sentence(pair: BurnPair, most: Fraction) -> str:
    windows = " and ".join(
        duration_words(timedelta(seconds=seconds)) for seconds in (pair.long_seconds, pair.short_seconds)
    )
    return (
        f"The {pair.severity} over {windows} can never come: it takes a burn over {number_words(float(pair.factor))}, "
        f"and when everything fails it is {number_words(float(most))}."
    )
