"""Why this page, why no page: what a person at night wants to read of an alert, and where others would go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.choices import AlertSeverity, AlertState, Simulated
from alerts.engine.alike import members_alike
from alerts.engine.plans import read_plan
from alerts.engine.surroundings import Surroundings, read_surroundings
from alerts.engine.tree import read_tree
from alerts.grouping import Close, Group, Tell, decide
from alerts.matchers import Labels
from alerts.models import Alert, AlertGroup, EscalationPolicy, Notification, NotificationChannel
from alerts.policies.steps import describe
from alerts.queries import deliveries_of
from alerts.routing import Settings, destinations
from alerts.suppression import Suppression
from alerts.words import clock_words


@dataclass(frozen=True, slots=True)
class GroupStanding:
    """A group of the alert: `verdict` says why it speaks or keeps silent now, `next_step` who is asked when."""

    group: AlertGroup
    route: str
    verdict: str
    next_step: str
    next_step_at: datetime | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`sentence` answers the question; the rest is what it rests on."""

    sentence: str
    suppressions: Sequence[Suppression]
    groups: Sequence[GroupStanding]
    deliveries: Sequence[Notification]


@dataclass(frozen=True, slots=True)
class WouldGo:
    """Where labels lead: the names on the way, why, how it is grouped, when it speaks, to whom, and what holds it."""

    route_id: int
    path: Sequence[str]
    reason: str
    group_labels: Mapping[str, str]
    timing: str
    receivers: Sequence[str]
    held_by: str


def explain(alert: Alert, *, now: datetime) -> Explanation:
    """Return why people were or were not told of the alert, and what comes next. Reads, never writes."""
    around = read_surroundings(now)
    groups = [_standing(group, around) for group in groups_of(alert)]
    suppressions = suppressions_of(alert, around)
    deliveries = list(deliveries_of(alert)[:50])
    return Explanation(_sentence(alert, suppressions, groups, deliveries), suppressions, groups, deliveries)


def groups_of(alert: Alert) -> list[AlertGroup]:
    """Return the alert's groups, open ones first."""
    rows = AlertGroup.objects.filter(members__alert=alert).select_related("project").order_by("-id")
    return sorted(rows, key=lambda group: not group.is_open)


def suppressions_of(alert: Alert, around: Surroundings) -> list[Suppression]:
    """Return what holds an open alert now, each reason once, over all its open groups."""
    if not alert.is_open:
        return []
    quiet = {quiet_id for group in groups_of(alert) if group.is_open for quiet_id in read_plan(group.plan).quiet_ids}
    return around.suppressions_of(alert, sorted(quiet))


def where_would_this_go(labels: Labels, *, now: datetime) -> list[WouldGo]:
    """Return where an alert with `labels` would go now: what the tester of the routing tree shows."""
    around = read_surroundings(now)
    found = []
    for place in destinations(read_tree(), labels):
        settings = place.settings
        wait = 0 if labels.get("severity") == AlertSeverity.CRITICAL else settings.group_wait or 0
        held = [around.quiet[one] for one in settings.quiet_window_ids or () if one in around.quiet]
        found.append(
            WouldGo(
                route_id=place.node.id,
                path=place.path,
                reason=place.reason,
                group_labels=place.group_labels(labels),
                timing=f"first message after {wait} s, then every {settings.group_interval} s if there is news, "
                f"again after {settings.repeat_interval} s",
                receivers=_receiver_words(settings),
                held_by=", ".join(f"quiet hours {one.name}" for one in held),
            )
        )
    return found


def _standing(group: AlertGroup, around: Surroundings) -> GroupStanding:
    plan, now = read_plan(group.plan), around.now
    step_at = group.step_at if group.is_open else None
    next_step = ""
    if step_at is not None and group.step is not None and plan.policy is not None:
        who = describe(plan.policy.steps[group.step]) if group.step < len(plan.policy.steps) else "nobody"
        next_step = f"Step {group.step + 1} of {plan.policy.name} at {clock_words(step_at, now=now)}: {who}."
    return GroupStanding(group, group.route_path, _verdict(group, around), next_step, step_at)


def _verdict(group: AlertGroup, around: Surroundings) -> str:
    if not group.is_open:
        return "The group has ended."
    plan = read_plan(group.plan)
    members = members_alike(group, plan, around)
    seen = Group(members=members, looked_at=group.looked_at, told_at=group.told_at)
    decision = decide(seen, plan.timing, now=around.now)
    match decision:
        case Tell() | Close():
            return f"At the next look: {decision.reason}"
        case _:
            return decision.reason


def _sentence(
    alert: Alert, held: Sequence[Suppression], groups: Sequence[GroupStanding], deliveries: Sequence[Notification]
) -> str:
    told = [row for row in deliveries if row.sent_at is not None and row.event == "firing"]
    if not alert.is_open:
        return f"It ended. {len(told)} messages told that it fired." if told else "It ended before anybody was told."
    if alert.simulated == Simulated.HELD:
        return "Simulated: everything is decided as if it were real, and nobody is told."
    if held:
        return f"No message now: {held[0].reason}"
    if alert.state == AlertState.ACKNOWLEDGED:
        return f"No message now: {alert.acknowledged_by} has acknowledged it."
    if not groups:
        return "It is on its way through the routes."
    return groups[0].verdict


def _receiver_words(settings: Settings) -> list[str]:
    if settings.tells_nobody:
        return ["nobody: the route says so"]
    ids = list(settings.channel_ids or ())
    names = NotificationChannel.objects.filter(pk__in=ids).order_by("name").values_list("name", flat=True)
    policy = EscalationPolicy.objects.filter(pk=settings.policy_id or 0).values_list("name", flat=True).first()
    found = [f"channel {name}" for name in names]
    found += ["the project's people by e-mail"] if settings.mails_members else []
    found += [f"policy {policy}"] if policy else []
    return found or ["nobody: the route names nobody"]
