"""Answers for pages, API and feeds: who is on call, by schedule, with names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from alerts.models import EscalationPolicy, Schedule
from alerts.oncall.plans import plan_of, with_plans
from alerts.oncall.schedule import (
    LOOK_AHEAD,
    Duty,
    Handoff,
    SchedulePlan,
    final_duties,
    next_handoff,
    on_call_at,
)
from tradewatch.core.people import name_of


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Now:
    """Who is on call for a schedule at a moment. `person` None: nobody. `handoff` None: it stays so for a year."""

    schedule: Schedule
    plan: SchedulePlan
    duty: Duty | None
    person: Person | None
    handoff: Handoff | None
    following: Person | None


def schedules_of(project_ids: Iterable[int]) -> QuerySet[Schedule]:
    """Return the schedules of these projects and those for all."""
    return Schedule.objects.filter(Q(project=None) | Q(project_id__in=list(project_ids))).order_by("name")


def policies_of(project_ids: Iterable[int]) -> QuerySet[EscalationPolicy]:
    rows = EscalationPolicy.objects.filter(Q(project=None) | Q(project_id__in=list(project_ids)))
    targets = ("user", "schedule", "team", "channel")
    return rows.order_by("name").prefetch_related(*(f"steps__targets__{name}" for name in targets))


def on_call_now(schedules: QuerySet[Schedule], at: datetime) -> list[Now]:
    """Return who is on call at `at`, by schedule."""
    rows = list(with_plans(schedules, at, at + LOOK_AHEAD))
    plans = [plan_of(row) for row in rows]
    found = [(row, plan, on_call_at(plan, at), next_handoff(plan, at)) for row, plan in zip(rows, plans, strict=True)]
    ids = {duty.who for *_, duty, _ in found if duty} | {handoff.after for *_, handoff in found if handoff}
    people = people_of(ids)
    return [
        Now(
            schedule=row,
            plan=plan,
            duty=duty,
            person=people.get(duty.who) if duty else None,
            handoff=handoff,
            following=people.get(handoff.after) if handoff and handoff.after else None,
        )
        for row, plan, duty, handoff in found
    ]


def shifts_of_person(user_id: int, start: datetime, end: datetime) -> list[tuple[Schedule, Duty]]:
    """Return a person's duties over all schedules, in order of time."""
    rows = with_plans(Schedule.objects.filter(_concerns(user_id)).distinct(), start, end)
    found = [(row, duty) for row in rows for duty in final_duties(plan_of(row), start, end) if duty.who == user_id]
    return sorted(found, key=lambda pair: pair[1].span)


def people_of(ids: Iterable[int | None]) -> dict[int, Person]:
    rows = get_user_model().objects.filter(pk__in={each for each in ids if each is not None})
    return {row.pk: person_of(row) for row in rows}


def person_of(user: User) -> Person:
    return Person(user.pk, user.get_username(), name_of(user))


def people_in(plans: Sequence[SchedulePlan]) -> Mapping[int, Person]:
    """Return everybody whom these plans name."""
    ids = {who for plan in plans for layer in plan.layers for who in layer.rotation.people}
    overrides = [one for plan in plans for one in plan.overrides]
    return people_of(ids | {one.who for one in overrides} | {one.instead_of for one in overrides})


def _concerns(user_id: int) -> Q:
    return Q(rotations__members__user=user_id) | Q(overrides__user=user_id)
