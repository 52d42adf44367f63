"""From the tables: the snapshot of a policy, the turn of a round robin, and the people that a step reaches now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import F

from alerts.models import EscalationPolicy, EscalationStep, EscalationTarget, NotificationChannel
from alerts.oncall.plans import schedule_plan
from alerts.oncall.schedule import on_call_at
from alerts.policies.snapshot import PolicySnapshot, Step, Target
from tradewatch.core.people import name_of
from tradewatch.projects.models import Team


@dataclass(frozen=True, slots=True)
class Reached:
    """A person (`user_id`) or a channel (`channel_id`) that a step reaches, and the sentence that says why."""

    why: str
    user_id: int | None = None
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """Whom a step reaches at a moment. `gaps` says of each target that reached nobody why, in words."""

    reached: tuple[Reached, ...]
    gaps: tuple[str, ...] = ()


def snapshot(policy: EscalationPolicy) -> PolicySnapshot:
    """Return the policy as it is now."""
    steps = policy.steps.prefetch_related("targets__user", "targets__schedule", "targets__team", "targets__channel")
    return PolicySnapshot(
        policy_id=policy.pk,
        name=policy.name,
        repeats=policy.repeats,
        steps=tuple(
            Step(step.pk, step.wait_seconds, tuple(target_of(row) for row in step.targets.all()), step.is_round_robin)
            for step in steps
        ),
    )


def resolve_targets(
    targets: Iterable[Target], now: datetime, *, is_round_robin: bool = False, turn: int = 0
) -> Resolved:
    """Return whom the targets reach at `now`, each person and channel once, in order.

    With `is_round_robin` only the one whose `turn` it is (counted over all of them).
    """
    reached: dict[tuple[int | None, int | None], Reached] = {}
    gaps: list[str] = []
    for target in targets:
        found, gap = _resolve(target, now)
        gaps.extend([gap] if gap else [])
        for one in found:
            reached.setdefault((one.user_id, one.channel_id), one)
    everyone = tuple(reached.values())
    if is_round_robin and everyone:
        everyone = (everyone[turn % len(everyone)],)
    return Resolved(everyone, tuple(gaps))


def take_turn(step_id: int) -> int:
    """Return the turn of a round robin and move it on. In a transaction; of a step that is gone, always 0."""
    step = EscalationStep.objects.select_for_update().filter(pk=step_id).first()
    if step is None:
        return 0
    EscalationStep.objects.filter(pk=step_id).update(next_turn=F("next_turn") + 1)
    return step.next_turn


def next_turn(step_id: int) -> int:
    """Return the turn that `take_turn` would, and leave it."""
    return EscalationStep.objects.filter(pk=step_id).values_list("next_turn", flat=True).first() or 0


def target_of(row: EscalationTarget) -> Target:
    named = row.user or row.schedule or row.team or row.channel
    name = name_of(named) if isinstance(named, User) else str(named)
    return Target(kind=row.kind, id=named.pk if named else 0, name=name)


def _resolve(target: Target, now: datetime) -> tuple[list[Reached], str]:
    match target.kind:
        case "channel":
            if NotificationChannel.objects.filter(pk=target.id, is_enabled=True).exists():
                return [Reached(f"The policy tells channel {target.name}.", channel_id=target.id)], ""
            return [], f"channel {target.name} is switched off or was deleted"
        case "schedule":
            return _on_call(target, now)
        case "team":
            team = Team.objects.filter(pk=target.id).first()
            people = list(team.members.filter(is_active=True).order_by("pk")) if team else []
            why = f"You are in team {target.name}."
            return [Reached(why, person.pk) for person in people], "" if people else f"{target.name} has no members"
        case _:
            if get_user_model().objects.filter(pk=target.id, is_active=True).exists():
                return [Reached("The policy names you.", target.id)], ""
            return [], f"{target.name} has no active account"


def _on_call(target: Target, now: datetime) -> tuple[list[Reached], str]:
    plan = schedule_plan(target.id, now, now + timedelta(seconds=1))
    if plan is None:
        return [], f"schedule {target.name} was deleted"
    duty = on_call_at(plan, now)
    if duty is None:
        return [], f"nobody is on call for {plan.name}"
    return [Reached(f"You are on call for {plan.name}.", duty.who)], ""
