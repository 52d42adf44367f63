"""How long a budget lasts when it goes on burning as it does. Pure."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from alerts.words import duration_words
from sla.choices import WindowKind
from sla.figures.stretches import seconds_in
from sla.figures.values import Judged
from sla.models import TargetVersion


def left_of_whole(judged: Judged) -> Fraction | None:
    """Return what share of the whole period's budget is left, with traffic going on as so far; None: no budget."""
    remaining = judged.adjusted.remaining
    if remaining is None:
        return None
    so_far = judged.adjusted
    whole = judged.projected or so_far
    if not so_far.allowed or not whole.allowed:
        return Fraction(remaining)
    return 1 - (1 - Fraction(remaining)) * Fraction(so_far.allowed) / Fraction(whole.allowed)


def lasts(judged: Judged, burn: Decimal) -> timedelta | None:
    """Return after how much time that counts the budget is used up at this burn; zero: it is. None: no budget."""
    left = left_of_whole(judged)
    if left is None or burn <= 0:
        return None
    period_seconds = seconds_in(judged.period.spans) - seconds_in(each.span for each in judged.exclusions)
    return timedelta(seconds=max(0, int(left * period_seconds / Fraction(burn))))


def lasts_words(version: TargetVersion, judged: Judged, burn: Decimal) -> str:
    """Return a sentence such as `At this rate the budget lasts 3 h 40 min.`; empty where there is no budget."""
    lasting = lasts(judged, burn)
    if lasting is None:
        return ""
    if not lasting:
        return "The budget is used up."
    session = " of session time" if version.window == WindowKind.MARKET else ""
    return f"At this rate the budget lasts {duration_words(lasting)}{session}."
