"""Deployments and release notes as the application sees them. Without Django."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Deployment:
    """What `POST /release/deploy/start` and `.../complete` answer. `deployment_id` None: it could not be told.

    `status` is in_progress, succeeded, failed, rolled_back, abandoned, or unknown. `answer` is all that was answered.
    """

    deployment_id: int | None
    environment: str
    version: str | None = None
    status: str = "unknown"
    started_at: str | None = None
    finished_at: str | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReleaseNotes:
    """`sections`: {"title", "entries"} each. `answer` is all that was answered."""

    version: str
    previous: str | None = None
    sections: Sequence[Mapping[str, Any]] = ()
    markdown: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)


def notes_of(answer: Mapping[str, Any]) -> ReleaseNotes:
    return ReleaseNotes(
        version=answer["version"],
        previous=answer["previous"],
        sections=list(answer["sections"]),
        markdown=answer["markdown"],
        answer=dict(answer),
    )


def deployment_of(answer: Mapping[str, Any]) -> Deployment:
    return Deployment(
        deployment_id=answer["deployment_id"],
        environment=answer["environment"],
        version=answer["version"],
        status=answer["status"],
        started_at=answer["started_at"],
        finished_at=answer["finished_at"],
        answer=dict(answer),
    )
