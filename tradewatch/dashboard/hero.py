"""The one sentence on top of the live page: what is wrong, since when, who has it, what to press."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewatch.dashboard import words
from tradewatch.dashboard.figures import Measures


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert as pages list it."""

    id: int
    title: str
    message: str
    severity: str
    state: str
    project: str
    environment: str
    starts_at: datetime
    count: int
    acknowledged_by: str
    link: str

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has taken it yet."""
        return self.state == "firing"


@dataclass(frozen=True, slots=True)
class Hero:
    """`level` is a style of the kit: critical, warning, info, ok. `alert` is the one that the button is about."""

    level: str
    title: str
    text: str
    alert: AlertLine | None = None


def make_hero(
    alerts: Sequence[AlertLine], measures: Measures, *, last_resolved_at: datetime | None, called: str, now: datetime
) -> Hero:
    """Return the sentence for the open `alerts` (worst first) and what was measured in the range."""
    counts = _counts(measures, called)
    if not alerts:
        return Hero("ok", _quiet(last_resolved_at, now), counts)
    worst = next((alert for alert in alerts if alert.is_waiting), None)
    if worst is None:
        taken = alerts[0]
        more = f", with {words.plural(len(alerts) - 1, 'other alert')}" if len(alerts) > 1 else ""
        return Hero("info", f"{taken.title}: {taken.acknowledged_by or 'somebody'} has it{more}", counts, taken)
    level = "critical" if worst.severity == "critical" else "warning"
    text = (
        f"Since {_clock(worst.starts_at, now)}, {words.span(now - worst.starts_at)}.{_others(alerts, worst)} {counts}"
    )
    return Hero(level, f"{worst.title}, and nobody has acknowledged", text.strip(), worst)


def _others(alerts: Sequence[AlertLine], worst: AlertLine) -> str:
    waiting = sum(alert.is_waiting for alert in alerts) - 1
    return f" {words.plural(waiting, 'other alert')} {'waits' if waiting == 1 else 'wait'}." if waiting else ""


def _quiet(last_resolved_at: datetime | None, now: datetime) -> str:
    if last_resolved_at is None:
        return "All quiet. No alert has fired yet"
    return f"All quiet since {_clock(last_resolved_at, now)}"


def _counts(measures: Measures, called: str) -> str:
    ratio = measures.error_ratio
    if ratio is None:
        return f"{words.plural(measures.events, 'error')} and no request in the last {called}."
    return (
        f"{words.count(measures.failed.count)} of {words.plural(measures.requests.count, 'request')} failed "
        f"in the last {called} ({words.percent(ratio)}); {words.plural(measures.events, 'error')}."
    )


def _clock(moment: datetime, now: datetime) -> str:
    return moment.strftime("%H:%M" if moment.date() == now.date() else "%d %b %H:%M")
