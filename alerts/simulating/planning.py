"""Where a simulated alert goes, and who would be told of it by what and when if nobody answered. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.choices import AlertSeverity, Simulated
from alerts.engine.placing import policy_of
from alerts.engine.plans import Plan, read_plan, write_plan
from alerts.engine.receivers import Receiver, route_receivers, step_receivers
from alerts.engine.surroundings import Surroundings, held_words, read_surroundings
from alerts.engine.tree import read_tree
from alerts.models import Alert, AlertGroup
from alerts.policies.steps import first_step
from alerts.policies.steps import plan as plan_step
from alerts.routing import Destination, destinations

MOST_STEPS = 20


@dataclass(frozen=True, slots=True)
class Telling:
    """`step` counts from 1; 0: the route itself tells. `after_seconds`: since the alert opened."""

    who: str
    step: int
    after_seconds: int
    why: str


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """`nobody` says why nobody is told by it, `gaps` whom a step does not reach; `held_by` what holds it back now."""

    path: Sequence[str]
    reason: str
    first_message_after_seconds: int
    told: Sequence[Telling]
    gaps: Sequence[str]
    nobody: str
    held_by: str


def planned_routes(alert: Alert, *, now: datetime) -> list[PlannedRoute]:
    """Read of an alert with its project, team and rule."""
    around = read_surroundings(now)
    return [_planned(alert, place, around) for place in destinations(read_tree(), alert.labels)]


def _planned(alert: Alert, place: Destination, around: Surroundings) -> PlannedRoute:
    settings = place.settings
    group = AlertGroup(
        project=alert.project,
        route_path=" > ".join(place.path),
        simulated=alert.simulated or Simulated.HELD,
        plan=write_plan(settings, policy_of(settings.policy_id)),
    )
    plan, wait = read_plan(group.plan), timedelta(seconds=settings.group_wait or 0)
    if alert.severity == AlertSeverity.CRITICAL:
        wait = timedelta(0)
    receivers, nobody = route_receivers(group, plan)
    told = [_telling(each, 0, wait, around.now) for each in receivers]
    gaps: list[str] = []
    for step, after, reached, missing in _steps(group, plan, alert.severity, wait, around.now):
        told += [_telling(each, step, after, around.now) for each in reached]
        gaps += [f"step {step}: {gap}" for gap in missing]
    held, _ = held_words(around.suppressions_of(alert, plan.quiet_ids))
    return PlannedRoute(place.path, place.reason, int(wait.total_seconds()), told, gaps, nobody, held)


def _steps(
    group: AlertGroup, plan: Plan, severity: str, wait: timedelta, now: datetime
) -> Iterator[tuple[int, timedelta, Sequence[Receiver], Sequence[str]]]:
    """Yield each step of the first round: its number, when, whom it reaches, and whom it does not."""
    following = first_step(plan.policy, now + wait) if plan.policy is not None else None
    for _ in range(MOST_STEPS):
        if following is None or plan.policy is None or following.round:
            return
        step = plan_step(plan.policy, following.step, following.round, following.at)
        if step is None:
            return
        reached, missing = step_receivers(group, step, severity, now=following.at)
        yield step.step + 1, following.at - now, reached, missing
        following = step.next


def _telling(receiver: Receiver, step: int, after: timedelta, now: datetime) -> Telling:
    return Telling(receiver.way, step, int((after + receiver.delay).total_seconds()), receiver.why)
