""" "Where would this go?": the way of labels through the tree, whom they reach right now, and what would hold them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from alerts.choices import SEVERITY_RANK, AlertSeverity
from alerts.engine.surroundings import Surroundings, read_surroundings
from alerts.engine.tree import read_tree
from alerts.matchers import Labels, all_match
from alerts.models import EscalationPolicy
from alerts.policies.reading import resolve_targets, snapshot
from alerts.policies.snapshot import Step
from alerts.policies.steps import describe
from alerts.routing import Destination, destinations
from alerts.suppression import inhibited_by
from alerts.words import duration_words
from tradewatch.core.people import name_of
from tradewatch.dashboard.alerting.tracing import Visit, trace
from tradewatch.dashboard.alerting.tree import Names, read_names, receivers_of
from tradewatch.projects.models import Project


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a step asks: `who` by name, right now; `why` the policy's own words; `when` from the first message on."""

    when: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Way:
    """One destination. `verdict`: where it goes and whom it reaches first, in a sentence."""

    route_id: int
    name: str
    path: str
    group: Sequence[tuple[str, str]]
    timing: str
    receivers: Sequence[str]
    asked: Sequence[Asked]
    held: Sequence[str]
    verdict: str


@dataclass(frozen=True, slots=True)
class Trial:
    visits: Sequence[Visit]
    ways: Sequence[Way]

    @property
    def taking(self) -> set[int]:
        """The ids of the routes that take it."""
        return {way.route_id for way in self.ways}


def try_labels(labels: Labels, *, now: datetime) -> Trial:
    """Return where an alert with `labels` would go if it fired now. Reads, never writes; no turn is taken."""
    root, around, names = read_tree(), read_surroundings(now), read_names()
    ways = [_way(place, labels, around, names) for place in destinations(root, labels)]
    return Trial(trace(root, labels), ways)


def _way(place: Destination, labels: Labels, around: Surroundings, names: Names) -> Way:
    settings = place.settings
    is_critical = labels.get("severity") == AlertSeverity.CRITICAL
    wait = timedelta(0) if is_critical else timedelta(seconds=settings.group_wait or 0)
    asked = [] if settings.tells_nobody else _asked(settings.policy_id, around.now)
    receivers = [each.text for each in receivers_of(place.node.settings, settings, names)]
    held = held_words(labels, settings.quiet_window_ids or (), around)
    first = asked[0].who if asked else receivers[0]
    verb = "would ask" if asked else "would tell"
    return Way(
        route_id=place.node.id,
        name=place.node.name,
        path=" > ".join(place.path),
        group=sorted(place.group_labels(labels).items()),
        timing=f"first message {_after(wait)}, news every {_seconds(settings.group_interval)}, "
        f"again after {_seconds(settings.repeat_interval)}",
        receivers=receivers,
        asked=asked,
        held=held,
        verdict=f"held: {held[0]}" if held else f"{verb} {first} {_after(wait)}",
    )


def held_words(labels: Labels, quiet_ids: Iterable[int], around: Surroundings) -> list[str]:
    """Return what would hold an alert with these labels now, each in a sentence."""
    project = Project.objects.filter(slug=labels.get("project", "")).values_list("pk", flat=True).first()
    found = [
        one.reason for one in around.holdings if one.project_id in (None, project) and all_match(one.matchers, labels)
    ]
    by = inhibited_by(around.inhibitors, 0, labels)
    if by is not None:
        found.append(f"Inhibited by {by[0].name}: ALERT-{by[1].id} is open.")
    return found + _quiet_words(labels, quiet_ids, around)


def _quiet_words(labels: Labels, quiet_ids: Iterable[int], around: Surroundings) -> list[str]:
    severity = labels.get("severity", "")
    rank = SEVERITY_RANK[AlertSeverity(severity)] if severity in AlertSeverity.values else 0
    on = [around.quiet[one] for one in quiet_ids if one in around.quiet]
    return [
        f"Held by quiet hours {one.name}; {one.bypass} would pass." for one in on if rank < SEVERITY_RANK[one.bypass]
    ]


def _asked(policy_id: int | None, now: datetime) -> list[Asked]:
    policy = EscalationPolicy.objects.filter(pk=policy_id or 0).first()
    if policy is None:
        return []
    steps, waited, found = snapshot(policy).steps, timedelta(0), []
    reached = [resolve_targets(step.targets, now) for step in steps]
    people = _people(one.user_id for each in reached for one in each.reached if one.user_id)
    for step, each in zip(steps, reached, strict=True):
        waited += timedelta(seconds=step.wait_seconds)
        who = [people.get(one.user_id, "somebody") for one in each.reached if one.user_id]
        who += [target.name for target in step.targets if target.kind == "channel"]
        found.append(Asked(_step_words(waited), _listed(who, step), _why(step, each.gaps)))
    return found


def _why(step: Step, gaps: Sequence[str]) -> str:
    """Return what the policy says beyond the names of people, and which of its targets reach nobody."""
    says = [] if all(target.kind == "user" for target in step.targets) else [describe(step)]
    return "; ".join([*says, *gaps])


def _listed(who: Sequence[str], step: Step) -> str:
    names = ", ".join(dict.fromkeys(who)) or "nobody right now"
    return f"the next of {names}" if step.is_round_robin and len(who) > 1 else names


def _people(ids: Iterable[int]) -> Mapping[int | None, str]:
    return {user.pk: name_of(user) for user in User.objects.filter(pk__in=set(ids))}


def _step_words(waited: timedelta) -> str:
    return f"After {duration_words(waited)}" if waited else "At once"


def _after(wait: timedelta) -> str:
    return f"after {duration_words(wait)}" if wait else "at once"


def _seconds(value: int | None) -> str:
    return duration_words(timedelta(seconds=value or 0))
