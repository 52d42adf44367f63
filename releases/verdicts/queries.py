"""Reads: what looks said of deployments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from django.db.models import Prefetch, QuerySet

from releases.choices import Verdict
from releases.models import Deployment, DeploymentLook


class VerdictShape(TypedDict):
    """As the API shows it."""

    verdict: str
    minutes: int
    summary: str
    looked_at: datetime


def looks_of(deployment: Deployment) -> list[DeploymentLook]:
    """Return the looks that were taken, the earliest first."""
    return sorted(deployment.looks.all(), key=lambda look: look.minutes)


def deciding_look(looks: Sequence[DeploymentLook]) -> DeploymentLook | None:
    """Return the last look that could tell; where none could, the last; None without any."""
    telling = [look for look in looks if look.verdict != Verdict.INSUFFICIENT]
    return max(telling or looks, key=lambda look: look.minutes, default=None)


def verdict_of(deployment: Deployment) -> VerdictShape | None:
    """Return what the deciding look said; None before the first."""
    look = deciding_look(looks_of(deployment))
    if look is None:
        return None
    return VerdictShape(verdict=look.verdict, minutes=look.minutes, summary=look.summary, looked_at=look.looked_at)


def with_looks(rows: QuerySet[Deployment]) -> QuerySet[Deployment]:
    """Return the same deployments with their looks, read at once and without evidence, for lists."""
    brief: QuerySet[Any] = DeploymentLook.objects.defer("evidence")
    return rows.prefetch_related(Prefetch("looks", queryset=brief))
