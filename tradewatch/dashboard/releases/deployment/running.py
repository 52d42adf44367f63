"""From when to when a deployment's version ran."""

from dataclasses import dataclass
from datetime import datetime

from releases.choices import DeploymentState
from releases.deployments.queries import followed_by
from releases.models import Deployment

_RAN = (DeploymentState.IN_PROGRESS, DeploymentState.SUCCEEDED, DeploymentState.ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class Running:
    """[start, end) of the time that it answers for; `successor`: what took its place, None while it runs."""

    start: datetime
    end: datetime
    successor: Deployment | None

    @property
    def epochs(self) -> tuple[int, int]:
        return int(self.start.timestamp()), int(self.end.timestamp())


def running_of(row: Deployment, *, now: datetime) -> Running | None:
    """Return when it ran; None where it never did, or nobody knows: it failed, its end was never told.

    What is in progress runs from its start: its first processes answer before the last one is there.
    """
    if row.state not in _RAN:
        return None
    successor = followed_by(row)
    until = successor.finished_at if successor and successor.finished_at else now
    start = row.finished_at or row.started_at
    return Running(start, max(until, start), successor)
