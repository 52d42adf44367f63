"""The looks at a deployment in order: what each said, and when those to come are due. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from releases.choices import DeploymentState, Verdict
from releases.models import Deployment, DeploymentLook
from releases.verdicts.due import SETTLES
from releases.verdicts.looking import stretch_after
from releases.verdicts.stretches import LOOKS
from tradewatch.dashboard.releases.verdict_words import TICKS, due_words


@dataclass(frozen=True, slots=True)
class Step:
    """A look, or one to come. `at`: when it was, or is due; `said`: what was seen, or how long that will be."""

    minutes: int
    tick: str
    word: str
    said: str
    at: datetime | None


def steps_of(
    row: Deployment, found: Sequence[DeploymentLook], follower: Deployment | None, now: datetime
) -> list[Step]:
    """Return the looks in order; those to come only of what succeeded: of nothing else there will be any.

    `follower`: the next deployment of the environment, at whose start looks end.
    """
    seen = {look.minutes: look for look in found}
    waits = row.state == DeploymentState.SUCCEEDED and row.finished_at is not None
    return [
        _taken(seen[minutes]) if minutes in seen else _to_come(row, minutes, follower, now)
        for minutes in sorted({*LOOKS, *seen})
        if minutes in seen or (waits and not any(later > minutes for later in seen))
    ]


def _taken(look: DeploymentLook) -> Step:
    verdict = Verdict(look.verdict)
    return Step(look.minutes, TICKS[verdict], verdict.label.lower(), look.summary, look.looked_at)


def _to_come(row: Deployment, minutes: int, follower: Deployment | None, now: datetime) -> Step:
    after = stretch_after(row, minutes, follower)
    if after is None:
        return Step(minutes, "skip-it", "not taken", "the next deployment had begun", None)
    due_at = after.end + SETTLES
    return Step(minutes, "", "", due_words(due_at, now), due_at)
