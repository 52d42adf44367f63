"""Which step runs, and what comes after it. Pure: the clock and the place in the policy are passed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.policies.snapshot import PolicySnapshot, Step, Target

MIN_PAUSE = timedelta(minutes=1)  # a policy whose steps wait for nothing must not repeat within one tick


@dataclass(frozen=True, slots=True)
class NextStep:
    """What runs at `at` unless somebody acknowledges before. Rounds and steps count from 0."""

    step: int
    round: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What to do now: notify `targets` (empty: nobody, it only waits). `next` None: the policy ends here."""

    step: int
    round: int
    targets: tuple[Target, ...]
    is_round_robin: bool
    step_id: int
    next: NextStep | None


def first_step(snapshot: PolicySnapshot, now: datetime) -> NextStep | None:
    """Return what an alert that opens at `now` begins with; None: the policy has no steps."""
    return NextStep(0, 0, now + _wait(snapshot.steps[0])) if snapshot.steps else None


def plan(snapshot: PolicySnapshot, step: int, round: int, now: datetime) -> PlannedStep | None:
    """Return what running `step` of `round` at `now` means. None: the policy has no such step, or no further round.

    `next.at` counts from `now`: a step that ran late moves those after it, so that each answer gets its time.
    """
    if not 0 <= step < len(snapshot.steps) or not 0 <= round <= snapshot.repeats:
        return None
    current = snapshot.steps[step]
    return PlannedStep(
        step=step,
        round=round,
        targets=current.targets,
        is_round_robin=current.is_round_robin,
        step_id=current.id,
        next=_after(snapshot, step, round, now),
    )


def describe(step: Step) -> str:
    """Return whom a step notifies, in words: `Jonas Okafor and who is on call for Order path`."""
    if not step.targets:
        return "nobody: it only waits"
    names = [words_of(target) for target in step.targets]
    text = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"the next of {text}" if step.is_round_robin else text


def words_of(target: Target) -> str:
    match target.kind:
        case "schedule":
            return f"who is on call for {target.name}"
        case "team":
            return f"everybody in {target.name}"
        case "channel":
            return f"channel {target.name}"
        case _:
            return target.name


def _after(snapshot: PolicySnapshot, step: int, round_: int, now: datetime) -> NextStep | None:
    if step + 1 < len(snapshot.steps):
        return NextStep(step + 1, round_, now + _wait(snapshot.steps[step + 1]))
    if round_ >= snapshot.repeats:
        return None
    # The first step rarely waits: then the last one has as long for an answer as it gave the step before it.
    pause = _wait(snapshot.steps[0]) or _wait(snapshot.steps[-1])
    return NextStep(0, round_ + 1, now + max(pause, MIN_PAUSE))


def _wait(step: Step) -> timedelta:
    return timedelta(seconds=step.wait_seconds)
