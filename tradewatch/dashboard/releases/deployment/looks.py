"""The looks at a deployment: what each said, and when those to come are due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from releases.choices import DeploymentState, Verdict
from releases.models import Deployment, DeploymentLook
from tradewatch.dashboard.releases.deployment.asked import Asked
from tradewatch.dashboard.releases.verdict_words import TICKS, due_words

MINUTES = (5, 15, 60)


@dataclass(frozen=True, slots=True)
class Step:
    """A look, or one to come. `at`: when it was, or is due; `said`: what was seen, or how long that will be."""

    minutes: int
    tick: str
    word: str
    said: str
    at: datetime


def looks(asked: Asked) -> Mapping[str, Any]:
    found = list(DeploymentLook.objects.filter(deployment=asked.row).order_by("minutes"))
    return {
        "looks": found,
        "last_look": found[-1] if found else None,
        "look_steps": steps_of(asked.row, found, asked.now),
    }


def steps_of(row: Deployment, found: Sequence[DeploymentLook], now: datetime) -> list[Step]:
    """Return the looks in order; those to come only of what succeeded: of nothing else there will be any."""
    seen = {look.minutes: look for look in found}
    at = row.finished_at
    waits = row.state == DeploymentState.SUCCEEDED and at is not None
    return [
        _taken(seen[minutes]) if minutes in seen else _to_come(minutes, at or now, now)
        for minutes in sorted({*MINUTES, *seen})
        if minutes in seen or (waits and _is_to_come(minutes, seen))
    ]


def _is_to_come(minutes: int, seen: Mapping[int, DeploymentLook]) -> bool:
    """A look that a later one was taken after was missed."""
    return not seen or minutes > max(seen)


def _taken(look: DeploymentLook) -> Step:
    verdict = Verdict(look.verdict)
    return Step(look.minutes, TICKS[verdict], verdict.label.lower(), look.summary, look.looked_at)


def _to_come(minutes: int, ended_at: datetime, now: datetime) -> Step:
    due_at = ended_at + timedelta(minutes=minutes)
    return Step(minutes, "", "", due_words(due_at, now), due_at)
