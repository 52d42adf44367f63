"""A budget as a bar: how much is used, with a tick for how much of the period has gone. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from sla.figures.values import Judged
from tradewatch.dashboard.sla.words import share_words
from tradewatch.dashboard.words import NO_DATA


@dataclass(frozen=True, slots=True)
class BudgetBar:
    """`used` and `gone` in percent from 0 to 100. `style`: ok, warn (past the tick), crit; empty without data."""

    used: float
    gone: float
    style: str
    finding: str


def budget_bar(judged: Judged, *, is_paging: bool) -> BudgetBar:
    """Return the bar: amber past the tick, crimson when it burns at a paging rate or is spent."""
    remaining, gone = judged.adjusted.remaining, gone_ratio(judged)
    if remaining is None:
        return BudgetBar(0.0, _percent(gone), "", NO_DATA)
    used = 1 - remaining
    style = "crit" if is_paging or used >= 1 else "warn" if used > gone else "ok"
    finding = f"{share_words(used)} used, {share_words(gone)} of the period passed"
    return BudgetBar(_percent(used), _percent(gone), style, finding)


def gone_ratio(judged: Judged) -> Decimal:
    """Return the share of the counting time that is over; 1 once it is, as in a rolling window."""
    spans = judged.period.spans
    whole = sum((span.length.total_seconds() for span in spans), 0.0)
    passed = sum(max((min(span.end, judged.now) - span.start).total_seconds(), 0.0) for span in spans)
    return Decimal(1) if not whole or judged.is_over else Decimal(passed / whole)


def _percent(ratio: Decimal) -> float:
    return round(float(min(max(ratio, Decimal(0)), Decimal(1))) * 100, 1)
