"""Who is told: by a group's route, or by a step of its policy. Ids become addresses at the moment of telling."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model

from alerts.contacts import contacts_of
from alerts.engine.plans import Plan
from alerts.models import CONFIGURED, AlertGroup, NotificationChannel
from alerts.policies.reading import Reached, next_turn, resolve_targets, take_turn
from alerts.policies.steps import PlannedStep
from alerts.recipients import recipients_of
from alerts.words import clock_words
from tradewatch.core.people import name_of

EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Receiver:
    """`channel` and `target` as in Notification; `delay`: how long this way waits for an answer by others."""

    channel: str
    target: str
    why: str
    user_id: int | None = None
    delay: timedelta = timedelta(0)
    label: str = ""

    @property
    def words(self) -> str:
        return self.label or self.target

    @property
    def way(self) -> str:
        """Return who is told and how: `Mara Lind by e-mail`, `channel #desk`, `Mara Lind by a channel of their own`."""
        if self.channel == EMAIL:
            return f"{self.words} by e-mail"
        return f"{self.words} by a channel of their own" if self.user_id is not None else f"channel {self.words}"

    def sentence(self, now: datetime) -> str:
        """Return the same, and when if that is not now."""
        return self.way + (f" at {clock_words(now + self.delay, now=now)}" if self.delay else "")


def route_receivers(group: AlertGroup, plan: Plan) -> tuple[list[Receiver], str]:
    """Return whom the route itself tells; and, where that is nobody, why in words."""
    if plan.tells_nobody:
        return [], f"Nobody is told: the route {group.route_path} says so."
    found = list(_channels(group, plan.channel_ids, f"The route {group.route_path} names this channel."))
    if plan.mails_members:
        found += [Receiver(EMAIL, one.address, one.why, one.user_id) for one in recipients_of(group.project)]
    if found or plan.policy is not None:
        return _each_once(found), ""
    if not plan.mails_members:
        return [], f"Nobody to tell: the route {group.route_path} names nobody."
    return [], f"Nobody to tell: no member of {group.project.name} and no administrator has an e-mail address."


def step_receivers(
    group: AlertGroup, step: PlannedStep, severity: str, *, now: datetime
) -> tuple[list[Receiver], Sequence[str]]:
    """Return whom a step tells now of something so bad; and which of its targets reached nobody, in words."""
    turn = (next_turn if group.simulated else take_turn)(step.step_id) if step.is_round_robin else 0
    resolved = resolve_targets(step.targets, now, is_round_robin=step.is_round_robin, turn=turn)
    people, gaps = _people(resolved.reached, severity)
    named = [one for one in resolved.reached if one.channel_id is not None]
    channels = [found for one in named for found in _channels(group, [one.channel_id or 0], one.why)]
    return _each_once([*people, *channels]), [*resolved.gaps, *gaps]


def _channels(group: AlertGroup, ids: Iterable[int], why: str) -> Iterator[Receiver]:
    """Yield the channels that are switched on and may be used by the group's project."""
    for channel in NotificationChannel.objects.filter(pk__in=list(ids), is_enabled=True).order_by("pk"):
        if channel.project_id in (None, group.project_id):
            yield Receiver(CONFIGURED, str(channel.pk), why, label=channel.name)


def _people(reached: Iterable[Reached], severity: str) -> tuple[list[Receiver], list[str]]:
    """Return how each person is told, by their own contact rules, and who cannot be."""
    why = {one.user_id: one.why for one in reached if one.user_id is not None}
    contacts = contacts_of(why, severity)
    names = {user.pk: name_of(user) for user in get_user_model().objects.filter(pk__in=list(why))}
    found = []
    for way in contacts.contacts:
        name = names.get(way.user_id, "somebody")
        if way.channel_id is None:
            address = way.address.strip().lower()
            found.append(Receiver(EMAIL, address, why[way.user_id], way.user_id, way.delay, name))
        else:
            channel = str(way.channel_id)
            found.append(Receiver(CONFIGURED, channel, why[way.user_id], way.user_id, way.delay, name))
    return found, [f"{names.get(user_id, 'somebody')} cannot be reached in any way" for user_id in contacts.unreachable]


def _each_once(receivers: Iterable[Receiver]) -> list[Receiver]:
    found: dict[tuple[str, str], Receiver] = {}
    for receiver in receivers:
        found.setdefault((receiver.channel, receiver.target), receiver)
    return list(found.values())
