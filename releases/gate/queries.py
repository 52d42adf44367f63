"""Reads: freezes, windows, overrides and answers."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from releases.models import DeploymentWindow, Freeze, GateAnswer, GateOverride

MOST_FREEZES, MOST_WINDOWS = 200, 50


def freezes_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Freeze]:
    """Return the freezes of these projects and those of all projects; with an environment those that hold there."""
    rows = Freeze.objects.filter(Q(project=None) | Q(project__in=project_ids)).select_related("project")
    return rows.filter(environment__in=("", environment)) if environment else rows


def freezes_until_over(project_id: int, environment: str, at: datetime) -> list[Freeze]:
    """Return those in force at the moment and those to come, as they were then: cancelled later or not."""
    rows = freezes_of([project_id], environment).filter(ends_at__gt=at)
    return list(rows.filter(Q(cancelled_at=None) | Q(cancelled_at__gt=at)).order_by("starts_at", "pk")[:MOST_FREEZES])


def windows_of(project_id: int, environment: str) -> list[DeploymentWindow]:
    rows = DeploymentWindow.objects.filter(project=project_id, environment__in=("", environment), is_enabled=True)
    return list(rows.order_by("name", "pk")[:MOST_WINDOWS])


def overrides_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[GateOverride]:
    rows = GateOverride.objects.filter(project__in=project_ids).select_related("project")
    return rows.filter(environment=environment) if environment else rows


def override_in_force(project_id: int, environment: str, version: str, at: datetime) -> GateOverride | None:
    """Return the one that lets the version out at the moment; of several the one that does so longest.

    One for a version lets nothing else out. A question that names no version is let out by one for any alone.
    """
    rows = overrides_of([project_id], environment).filter(version__in=("", version))
    rows = rows.filter(ends_at__gt=at).filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=at))
    return rows.order_by("-ends_at", "-pk").first()


def answers_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[GateAnswer]:
    rows = GateAnswer.objects.filter(project__in=project_ids).select_related("project")
    return rows.filter(environment=environment) if environment else rows


def answer_before(project_id: int, environment: str, version: str, at: datetime) -> GateAnswer | None:
    """Return what the gate said last of the version before the moment; to one that named none it spoke too."""
    rows = answers_of([project_id], environment).filter(version__in=("", version), asked_at__lte=at)
    return rows.order_by("-asked_at", "-pk").first()
