"""Whom an alert's groups ask, in which order: the steps of the policy as they were when the group opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.choices import EntryKind
from alerts.engine.plans import read_plan
from alerts.models import AlertGroup, TimelineEntry
from alerts.policies.steps import describe
from alerts.words import duration_words


@dataclass(frozen=True, slots=True)
class StepLine:
    """`tick` is a class of the kit: told, empty (to come), skip-it (never). `at`: when it ran or is to run."""

    when: str
    who: str
    said: str
    tick: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Ladder:
    policy_id: int
    policy: str
    opened_at: datetime
    steps: Sequence[StepLine]


def ladder_of(group: AlertGroup, entries: Sequence[TimelineEntry], *, now: datetime) -> Ladder | None:
    """Return the steps of the group's policy with where it stands; None: its route asks nobody in turn."""
    policy = read_plan(group.plan).policy
    if policy is None or not policy.steps:
        return None
    steps, waited = [], timedelta(0)
    for number, step in enumerate(policy.steps):
        waited += timedelta(seconds=step.wait_seconds)
        ran_at = _ran_at(number, policy.name, group, entries)
        is_next = group.is_open and group.step == number and group.step_at is not None
        when = f"After {duration_words(waited)}" if waited else "At once"
        if is_next:
            overdue = group.step_at is not None and group.step_at < now
            line = StepLine(when, describe(step), "due now" if overdue else "next", "", group.step_at)
        elif ran_at is not None:
            line = StepLine(when, describe(step), _answer(group), "told", ran_at)
        else:
            line = StepLine(when, describe(step), "not asked", "skip-it", None)
        steps.append(line)
    if policy.repeats:
        said = f"round {group.round + 1} of {policy.repeats + 1}" if group.is_open else ""
        steps.append(StepLine("Repeats", f"up to {policy.repeats} times", said, "skip-it", None))
    return Ladder(policy.policy_id, policy.name, group.opened_at, steps)


def _ran_at(number: int, policy: str, group: AlertGroup, entries: Sequence[TimelineEntry]) -> datetime | None:
    """Return when the step last ran: the timeline alone keeps it."""
    start = f"Step {number + 1} of {policy}"
    ran = [
        entry.at
        for entry in entries
        if entry.group_id == group.pk
        and entry.kind == EntryKind.STEP
        and entry.text.startswith((start + ":", start + ","))
    ]
    return max(ran, default=None)


def _answer(group: AlertGroup) -> str:
    if group.acknowledged_by:
        return f"asked; {group.acknowledged_by} has acknowledged"
    return "asked, no answer yet" if group.is_open else "asked"
