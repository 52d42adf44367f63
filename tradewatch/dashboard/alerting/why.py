"""Why this page, why no page: the way from the first news to the next step, in the order in which it was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.choices import AlertState, EntryKind
from alerts.engine.plans import read_plan
from alerts.explaining import Explanation, GroupStanding
from alerts.models import Alert, AlertGroup, TimelineEntry
from alerts.policies.steps import describe
from alerts.words import clock_words, duration_words


@dataclass(frozen=True, slots=True)
class Reason:
    """`tick` is a class of the kit: done, told, bad (it holds), skip-it (to come or not)."""

    head: str
    text: str
    tick: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Hero:
    """The one sentence: what is due, for whom. `level` is a style of the kit."""

    level: str
    title: str
    text: str


def was_told(explanation: Explanation) -> bool:
    """Return whether anybody was, or is being, told that it fires."""
    return any(row.event == "firing" and row.state in ("sent", "sending", "unknown") for row in explanation.deliveries)


def reasons_of(alert: Alert, explanation: Explanation, entries: Sequence[TimelineEntry]) -> list[Reason]:
    """Return the decisions in their order: classified, routed, held or not, told or not, what comes next."""
    found = [_classified(alert)]
    for standing in explanation.groups:
        found.append(_routed(standing, entries))
    if not explanation.groups:
        found.append(Reason("On its way through the routes", "It is placed within seconds.", "skip-it"))
    found += _held(alert, explanation)
    for standing in explanation.groups:
        if standing.verdict:
            found.append(Reason("Messages", standing.verdict, "done"))
        if standing.next_step:
            found.append(Reason("Next", standing.next_step, ""))
    return found


def hero_of(alert: Alert, explanation: Explanation, *, now: datetime) -> Hero:
    """Return what to read first at night: who has it or who is asked next, and what pressing the button does."""
    since = f"Since {clock_words(alert.starts_at, now=now)}, {_times(alert.count)}."
    if alert.state == AlertState.RESOLVED:
        return Hero("ok", alert.ending or "Ended", f"{explanation.sentence} {since}")
    if explanation.suppressions:
        more = len(explanation.suppressions) - 1
        others = f" {more} more hold it too." if more else ""
        text = f"{since}{others} It goes on being counted; who waits is told when this ends, if it still fires."
        return Hero("info", f"Nobody is told now. {explanation.suppressions[0].reason}", text)
    if alert.state == AlertState.ACKNOWLEDGED:
        return Hero(
            "info", f"{alert.acknowledged_by or 'Somebody'} has it", _after_acknowledging(alert, explanation, now)
        )
    level = "critical" if alert.severity == "critical" else "warning"
    asked = _next_words(explanation, now)
    does = "Acknowledging stops the escalation." if asked else "Acknowledging says that you take care of it."
    return Hero(level, f"Nobody has acknowledged. {asked}".strip(), f"{since} {does}")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _next_words(explanation: Explanation, now: datetime) -> str:
    """Return `Step 3 asks Tomas Reyes at 15:20 UTC, in 7 min.` of the group that moves first; empty: nobody is next."""
    due = [one for one in explanation.groups if one.next_step_at is not None and one.group.step is not None]
    if not due:
        return ""
    first = min(due, key=lambda one: one.next_step_at or now)
    policy, step, at = read_plan(first.group.plan).policy, first.group.step or 0, first.next_step_at or now
    if policy is None or step >= len(policy.steps):
        return ""
    when = "now" if at <= now else f"at {clock_words(at, now=now)}, in {duration_words(at - now)}"
    return f"Step {step + 1} asks {describe(policy.steps[step])} {when}."


def _after_acknowledging(alert: Alert, explanation: Explanation, now: datetime) -> str:
    since = f"Since {clock_words(alert.acknowledged_at, now=now)}." if alert.acknowledged_at else ""
    timers = [one.group for one in explanation.groups if one.group.is_open and one.group.timer_at]
    if not timers:
        return f"{since} It ends by itself when its cause is gone, or by Resolve.".strip()
    return f"{since} {_timer_words(timers[0], now)}".strip()


def _timer_words(group: AlertGroup, now: datetime) -> str:
    at = clock_words(group.timer_at, now=now) if group.timer_at else ""
    if group.timer_kind == "reminder":
        return f"A reminder comes at {at} if it has not ended."
    return f"It fires again at {at} unless it ends or is acknowledged anew."


def _classified(alert: Alert) -> Reason:
    head = f"{alert.get_category_display()}, {alert.get_severity_display().lower()}"
    link = f"/admin/alerts/alertclassificationrule/{alert.classification_id}/change/" if alert.classification_id else ""
    text = (
        f"classification rule {alert.classified_by}"
        if alert.classified_by
        else "as its source said; no rule changed it"
    )
    return Reason(head, text, "done", link)


def _routed(standing: GroupStanding, entries: Sequence[TimelineEntry]) -> Reason:
    group = standing.group
    said = [e.text for e in entries if e.kind == EntryKind.ROUTED and (e.group_id == group.pk or e.alert_id)]
    mine = [text for text in said if standing.route in text] or said[:1]
    link = f"/alerts/routing#route-{group.route_id}" if group.route_id else ""
    return Reason(f"Routed to {standing.route.rpartition(' > ')[2]}", mine[0] if mine else standing.route, "done", link)


def _held(alert: Alert, explanation: Explanation) -> list[Reason]:
    if not alert.is_open:
        return []
    if not explanation.suppressions:
        return [Reason("Nothing holds it back", "no silence, snooze, quiet hours, maintenance or inhibition", "done")]
    return [Reason(_KINDS[one.kind], one.reason, "bad") for one in explanation.suppressions]


_KINDS = {
    "snoozed": "Held by a snooze",
    "silenced": "Held by a silence",
    "inhibited": "Held by another alert",
    "quiet_hours": "Held by quiet hours",
    "maintenance": "Held by maintenance",
}
