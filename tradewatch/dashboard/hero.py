"""The one sentence on top of the live page: what is wrong, since when, who has it, what to press."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewatch.dashboard import words
from tradewatch.dashboard.figures import Measures
from tradewatch.metrics.markers import Marker

SHORTLY_SECONDS = 30 * 60


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert as pages list it. `held`: why nobody is told now; `next`: who is asked when; both may be empty."""

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
    held: str = ""
    next: str = ""

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
    alerts: Sequence[AlertLine],
    measures: Measures,
    *,
    last_resolved_at: datetime | None,
    within: str,
    now: datetime,
    markers: Sequence[Marker] = (),
) -> Hero:
    """Return the sentence for the open `alerts` (worst first) and what was measured `within` the range.

    The newest of `markers` shortly before the worst alert began is named: it may be why.
    """
    counts = _counts(measures, within)
    if not alerts:
        return Hero("ok", _quiet(last_resolved_at, now), counts)
    worst = next((alert for alert in alerts if alert.is_waiting), None)
    if worst is None:
        taken = alerts[0]
        more = f", with {words.plural(len(alerts) - 1, 'other alert')}" if len(alerts) > 1 else ""
        return Hero("info", f"{taken.title}: {taken.acknowledged_by or 'somebody'} has it{more}", counts, taken)
    level = "critical" if worst.severity == "critical" else "warning"
    text = (
        f"Since {_clock(worst.starts_at, now)}, {words.span(now - worst.starts_at)}{_after(worst, markers)}."
        f"{_others(alerts, worst)} {counts}"
    )
    return Hero(level, f"{worst.title}, and nobody has acknowledged", text.strip(), worst)


def _after(alert: AlertLine, markers: Sequence[Marker]) -> str:
    began = int(alert.starts_at.timestamp())
    shortly_before = [each for each in markers if 0 <= began - each.at_epoch <= SHORTLY_SECONDS]
    if not shortly_before:
        return ""
    newest = max(shortly_before)
    return f", {words.span(timedelta(seconds=began - newest.at_epoch))} after {newest.words or newest.label}"


def _others(alerts: Sequence[AlertLine], worst: AlertLine) -> str:
    waiting = sum(alert.is_waiting for alert in alerts) - 1
    return f" {words.plural(waiting, 'other alert')} {'waits' if waiting == 1 else 'wait'}." if waiting else ""


def _quiet(last_resolved_at: datetime | None, now: datetime) -> str:
    if last_resolved_at is None:
        return "All quiet. No alert has fired yet"
    return f"All quiet since {_clock(last_resolved_at, now)}"


def _counts(measures: Measures, within: str) -> str:
    ratio = measures.error_ratio
    if ratio is None:
        return f"{words.plural(measures.events, 'error')} and no request {within}."
    return (
        f"{words.count(measures.failed.count)} of {words.plural(measures.requests.count, measures.unit)} failed "
        f"{within} ({words.percent(ratio)}); {words.plural(measures.events, 'error')}."
    )


def _clock(moment: datetime, now: datetime) -> str:
    return moment.strftime("%H:%M" if moment.date() == now.date() else "%d %b %H:%M")
