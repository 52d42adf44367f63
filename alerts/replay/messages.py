"""What people would have been told: alerts of the past through a routing tree and the groups' own timing.

The decisions are those of `alerts.grouping`. Silences, quiet hours and steps of a policy are left out: two trees
are compared by what they themselves change.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.choices import AlertSeverity
from alerts.grouping import Close, Group, Member, Tell, Timing, Wait, decide
from alerts.routing import Destination, Node, destinations

MOST_LOOKS = 50_000  # of one group: a bound on a tree that looks every few seconds for a month


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedAlert:
    """An alert with its labels, as it was or would have been. `ended_at` None: it still fires."""

    id: int
    title: str
    labels: Mapping[str, str]
    severity: AlertSeverity
    starts_at: datetime
    ended_at: datetime | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMessage:
    """A message of a group. `alert_ids`: those that are new in it, or whose end it tells. `is_page`: it says that
    something fires, to somebody."""

    at: datetime
    path: str
    labels: Mapping[str, str]
    alert_ids: tuple[int, ...]
    is_end: bool
    is_page: bool
    reason: str


def simulate(alerts: Sequence[RoutedAlert], root: Node, *, until: datetime) -> list[PastMessage]:
    """Return the messages about `alerts` under the tree at `root`, in time order."""
    groups: defaultdict[tuple[int, tuple[tuple[str, str], ...]], list[RoutedAlert]] = defaultdict(list)
    routes: dict[int, Destination] = {}
    for alert in sorted(alerts, key=lambda alert: alert.starts_at):
        for destination in destinations(root, alert.labels):
            routes[destination.node.id] = destination
            groups[destination.node.id, tuple(sorted(destination.group_labels(alert.labels).items()))].append(alert)
    messages = [
        message
        for (route_id, labels), members in groups.items()
        for message in _Past(members, routes[route_id], dict(labels), until).messages()
    ]
    return sorted(messages, key=lambda message: message.at)


@dataclass
class _Past:
    """One group on its way through time."""

    alerts: Sequence[RoutedAlert]
    destination: Destination
    labels: Mapping[str, str]
    until: datetime
    arrived: int = 0  # of `alerts`, which come in the order in which they start
    past: dict[int, RoutedAlert] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    looked_at: datetime | None = None
    told_at: datetime | None = None

    def messages(self) -> Iterator[PastMessage]:
        timing, moments, urgent = _timing(self.destination), _moments(self.alerts), _urgent_moments(self.alerts)
        now: datetime | None = moments[0]
        for _ in range(MOST_LOOKS):
            if now is None or now >= self.until:
                return
            self._come_and_go(now)
            decision = decide(
                Group(members=list(self.members.values()), looked_at=self.looked_at, told_at=self.told_at),
                timing,
                now=now,
            )
            match decision:
                case Tell():
                    yield self._message(decision, now)
                    self._told(decision, now)
                    now = min(now + timing.interval, _first_after(urgent, now) or self.until)
                case Wait():
                    now = self._next(decision, timing, moments, urgent, now)
                case Close():
                    self.members, self.looked_at, self.told_at = {}, None, None
                    now = _first_after(moments, now)

    def _come_and_go(self, now: datetime) -> None:
        while self.arrived < len(self.alerts) and self.alerts[self.arrived].starts_at <= now:
            alert = self.alerts[self.arrived]
            self.past[alert.id] = alert
            self.members[alert.id] = Member(id=alert.id, severity=alert.severity, since=alert.starts_at)
            self.arrived += 1
        for member in list(self.members.values()):
            alert = self.past[member.id]
            is_open = alert.ended_at is None or alert.ended_at > now
            if not is_open and (member.is_end_told or not member.is_told):
                del self.members[member.id]
            else:
                acknowledged = alert.acknowledged_at is not None and alert.acknowledged_at <= now
                self.members[member.id] = replace(member, is_open=is_open, is_acknowledged=acknowledged)

    def _message(self, decision: Tell, now: datetime) -> PastMessage:
        return PastMessage(
            at=now,
            path=" > ".join(self.destination.path),
            labels=self.labels,
            alert_ids=(*decision.fresh, *decision.ends),
            is_end=decision.ended,
            is_page=not decision.ended and not self.destination.settings.tells_nobody,
            reason=decision.reason,
        )

    def _told(self, decision: Tell, now: datetime) -> None:
        self.looked_at, self.told_at = now, None if decision.ended else now
        for alert_id in decision.fresh:
            member = self.members[alert_id]
            self.members[alert_id] = replace(member, is_told=True, told_as=member.severity)
        for alert_id in decision.ends:
            self.members[alert_id] = replace(self.members[alert_id], is_end_told=True)

    def _next(
        self,
        decision: Wait,
        timing: Timing,
        moments: Sequence[datetime],
        urgent: Sequence[datetime],
        now: datetime,
    ) -> datetime:
        """The next moment at which anything can be different: an alert comes or goes, a wait ends, a repeat is due."""
        change = _first_after(moments, now) or self.until
        if self.looked_at is None or self.told_at is None:
            # What joins a group that waits for its first message is told with it: no need to look before.
            return min(decision.until, _first_after(urgent, now) or self.until)
        if now < self.looked_at + timing.interval:  # between two looks: what has changed is seen at the next
            return decision.until
        wanted = min(change, self.told_at + timing.repeat)
        looks = max(1, -((self.looked_at - wanted) // timing.interval))
        return self.looked_at + looks * timing.interval


def _timing(destination: Destination) -> Timing:
    settings = destination.settings
    return Timing(
        wait=timedelta(seconds=settings.group_wait or 0),
        interval=timedelta(seconds=max(settings.group_interval or 0, 10)),
        repeat=timedelta(seconds=settings.repeat_interval or 0),
        sends_resolved=bool(settings.sends_resolved),
    )


def _moments(alerts: Sequence[RoutedAlert]) -> list[datetime]:
    moments = {moment for alert in alerts for moment in (alert.starts_at, alert.ended_at, alert.acknowledged_at)}
    return sorted(moment for moment in moments if moment is not None)


def _urgent_moments(alerts: Sequence[RoutedAlert]) -> list[datetime]:
    """When something happens that a group looks at once for: an end, an acknowledgement, a critical alert."""
    critical = {alert.starts_at for alert in alerts if alert.severity == AlertSeverity.CRITICAL}
    others = {moment for alert in alerts for moment in (alert.ended_at, alert.acknowledged_at) if moment is not None}
    return sorted(critical | others)


def _first_after(moments: Sequence[datetime], now: datetime) -> datetime | None:
    at = bisect_right(moments, now)
    return moments[at] if at < len(moments) else None
