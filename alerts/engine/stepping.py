"""A policy carried out on a locked group: the step that is due notifies, and the next one gets its moment."""

from collections.abc import Sequence
from datetime import datetime

from alerts.choices import SEVERITY_RANK, DeliveryEvent, EntryKind, Simulated
from alerts.engine.outbox import queue
from alerts.engine.plans import Plan
from alerts.engine.receivers import Receiver, step_receivers
from alerts.grouping import Member
from alerts.models import AlertGroup
from alerts.policies.snapshot import PolicySnapshot
from alerts.policies.steps import NextStep, PlannedStep
from alerts.policies.steps import plan as plan_step
from alerts.timeline import note
from alerts.words import clock_words

MOST_STEPS_A_LOOK = 20  # steps that wait for nothing follow at once


def escalate(group: AlertGroup, plan: Plan, members: Sequence[Member], *, now: datetime) -> None:
    """Carry out what is due. Nothing open or all acknowledged: it stops. All held: the step waits, undropped."""
    if group.step_at is None or group.step is None:
        return
    if plan.policy is None or not any(member.is_open and not member.is_acknowledged for member in members):
        stop(group)
        return
    for _ in range(MOST_STEPS_A_LOOK):
        if group.step is None or group.step_at is None or group.step_at > now:
            return
        if not any(member.fires for member in members):
            return
        worst = max((m.severity for m in members if m.fires), key=lambda severity: SEVERITY_RANK[severity])
        _carry_out(group, plan.policy, plan_step(plan.policy, group.step, group.round, now), worst, now=now)


def stop(group: AlertGroup) -> None:
    group.step = group.step_at = None


def _carry_out(
    group: AlertGroup, policy: PolicySnapshot, step: PlannedStep | None, severity: str, *, now: datetime
) -> None:
    if step is None:
        stop(group)
        return
    receivers, missing = step_receivers(group, step, severity, now=now)
    group.sequence += 1
    group.told_at = group.told_at or now
    queue(group, DeliveryEvent.FIRING, receivers, step=step.step, now=now)
    _move(group, step.next)
    note(group, EntryKind.STEP, _words(group, policy, step, receivers, missing, now=now), now=now)


def _move(group: AlertGroup, following: NextStep | None) -> None:
    if following is None:
        stop(group)
    else:
        group.step, group.round, group.step_at = following.step, following.round, following.at


def _words(
    group: AlertGroup,
    policy: PolicySnapshot,
    step: PlannedStep,
    receivers: Sequence[Receiver],
    missing: Sequence[str],
    *,
    now: datetime,
) -> str:
    round_words = f", round {step.round + 1} of {policy.repeats + 1}" if policy.repeats else ""
    told = ", ".join(receiver.words for receiver in receivers)
    if told and group.simulated == Simulated.HELD:
        told = f"not sent, simulated: {told}"
    nobody = "nobody, it only waits" if not step.targets else "nobody could be told"
    then = (
        "It was the last step: nobody is asked after it."
        if step.next is None
        else f"Unless somebody acknowledges, step {step.next.step + 1} at {clock_words(step.next.at, now=now)}."
    )
    gaps = "".join(f" {gap[0].upper()}{gap[1:]}." for gap in missing if gap)
    return f"Step {step.step + 1} of {policy.name}{round_words}: {told or nobody}.{gaps} {then}"
