"""The routing tree as a page draws it: what each route sets itself, what it inherits, and what it took lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from alerts.engine.tree import read_tree
from alerts.models import EscalationPolicy, GroupMember, NotificationChannel, QuietHours, Route
from alerts.routing import Node, Settings
from alerts.routing.tree import DEFAULTS
from alerts.words import duration_words

LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Said:
    """One fact of a route; `is_own`: set here, else inherited and shown muted."""

    text: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """A route with its children. `to`: whom it tells, in words, with whether that is its own or inherited."""

    id: int
    number: str
    name: str
    matchers: Sequence[str]
    goes_on: bool
    facts: Sequence[Said]
    to: Sequence[Said]
    took: int
    children: Sequence["Branch"]


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids of a tree are called."""

    channels: Mapping[int, str]
    policies: Mapping[int, str]
    quiet: Mapping[int, str]


def draw_tree(project_ids: Sequence[int], *, now: datetime) -> Branch:
    """Return the tree as it is, with how many alerts of what may be seen each route took in the last 7 days."""
    return _branch(read_tree(), "0", DEFAULTS, read_names(), _taken(project_ids, now=now))


def disabled_routes() -> list[Route]:
    return list(Route.objects.filter(is_enabled=False).order_by("position", "id"))


def read_names() -> Names:
    return Names(
        dict(NotificationChannel.objects.values_list("pk", "name")),
        dict(EscalationPolicy.objects.values_list("pk", "name")),
        dict(QuietHours.objects.values_list("pk", "name")),
    )


def facts_of(own: Settings, whole: Settings, names: Names) -> list[Said]:
    """Return how it groups and when it speaks: `by project, category`, `waits 30 s`, `news after 5 min`."""
    quiet = ", ".join(names.quiet.get(one, "quiet hours that are gone") for one in whole.quiet_window_ids or ())
    found = [
        Said(f"by {', '.join(whole.group_by or ()) or 'project'}", own.group_by is not None),
        Said(f"waits {_seconds(whole.group_wait)}, critical 0 s", own.group_wait is not None),
        Said(f"news after {_seconds(whole.group_interval)}", own.group_interval is not None),
        Said(f"again after {_seconds(whole.repeat_interval)}", own.repeat_interval is not None),
    ]
    if quiet:
        found.append(Said(f"quiet: {quiet}", own.quiet_window_ids is not None))
    if whole.sends_resolved is False:
        found.append(Said("tells the end only when all has ended", own.sends_resolved is not None))
    if own.joins_companions is not None:
        found.append(Said(f"{'joins' if whole.joins else 'does not join'} what comes together", True))
    if whole.reminder_after:
        found.append(Said(f"reminds {_seconds(whole.reminder_after)} after an answer", own.reminder_after is not None))
    return found


def receivers_of(own: Settings, whole: Settings, names: Names) -> list[Said]:
    """Return whom it tells; nobody is said, never left empty."""
    if whole.tells_nobody:
        return [Said("nobody, by its own setting", own.tells_nobody is not None)]
    found = []
    if whole.policy_id:
        found.append(Said(f"policy {names.policies.get(whole.policy_id, 'that is gone')}", own.policy_id is not None))
    for one in whole.channel_ids or ():
        found.append(Said(f"channel {names.channels.get(one, 'that is gone')}", own.channel_ids is not None))
    if whole.mails_members:
        found.append(Said("the project's people by e-mail", own.mails_members is not None))
    return found or [Said("nobody: it names nobody", True)]


def _branch(node: Node, number: str, inherited: Settings, names: Names, taken: Mapping[int, int]) -> Branch:
    whole = node.settings.over(inherited)
    return Branch(
        id=node.id,
        number=number,
        name=node.name,
        matchers=[str(each) for each in node.matchers],
        goes_on=node.goes_on,
        facts=facts_of(node.settings, whole, names),
        to=receivers_of(node.settings, whole, names),
        took=taken.get(node.id, 0),
        children=[
            _branch(child, str(place) if number == "0" else f"{number}.{place}", whole, names, taken)
            for place, child in enumerate(node.children, start=1)
        ],
    )


def _taken(project_ids: Sequence[int], *, now: datetime) -> dict[int, int]:
    rows = GroupMember.objects.filter(
        group__project__in=project_ids, group__route__isnull=False, alert__starts_at__gte=now - LATELY
    )
    return dict(rows.order_by().values_list("group__route").annotate(Count("id")))


def count_of(branch: Branch) -> int:
    return 1 + sum(count_of(child) for child in branch.children)


def _seconds(value: int | None) -> str:
    return duration_words(timedelta(seconds=value or 0))
