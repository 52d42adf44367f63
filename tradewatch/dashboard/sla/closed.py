"""The periods of a target that are closed: what each came to, which stays, and what arrived late, told apart."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sla.choices import TargetState
from sla.figures.bounds import PeriodFault
from sla.figures.reading import opened
from sla.models import ClosedPeriod, Target
from sla.reports.late import late_since
from sla.reports.numbers import count_words, value_words
from tradewatch.dashboard.sla.words import BADGES, left_words

SHOWN = 3  # each is added up anew to find what came late


@dataclass(frozen=True, slots=True)
class ClosedRow:
    """`late`: what came after it was closed, in words; empty without any."""

    label: str
    state: str
    badge: str
    value: str
    left: str
    closed_at: datetime
    late: str


def closed_rows(target: Target, now: datetime) -> list[ClosedRow]:
    rows = ClosedPeriod.objects.filter(target=target).order_by("-period_end")[:SHOWN]
    return [_row(row, _late(row, target, now)) for row in rows]


def _late(row: ClosedPeriod, target: Target, now: datetime) -> dict[str, Any] | None:
    try:
        found = opened([target], now, row.label).get(target.pk)
    except PeriodFault:  # a name that is read no more
        return None
    if found is None or found.period.start != row.period_start:
        return None
    return late_since(row, found)


def _row(row: ClosedPeriod, late: dict[str, Any] | None) -> ClosedRow:
    entry, state = row.entry, TargetState(row.entry.get("state", TargetState.NO_DATA))
    left = entry.get("adjusted", {}).get("budget_left")
    return ClosedRow(
        label=row.label,
        state=state.label,
        badge=BADGES[state],
        value=value_words(entry.get("value"), entry.get("unit", "ratio"), entry.get("target_value")),
        left=left_words(None if left is None else Decimal(left)),
        closed_at=row.closed_at,
        late="" if late is None else f"late: {count_words(late['valid'])} more, {count_words(late['bad'])} of them bad",
    )
