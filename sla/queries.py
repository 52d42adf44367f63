"""Reads of targets, their versions and corrections."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import F, Max, QuerySet

from sla.models import Correction, Target, TargetVersion


def targets_of(project_ids: Collection[int], *, archived: bool = False) -> QuerySet[Target]:
    """Return the targets of the projects by name, the archived ones only `archived`."""
    rows = Target.objects.filter(project_id__in=project_ids, archived_at__isnull=not archived)
    return rows.select_related("project").order_by("project__slug", "metric_name")


def versions_of(target: Target) -> QuerySet[TargetVersion]:
    """Return all versions, the newest first."""
    return TargetVersion.objects.filter(target=target).select_related("measure", "user").order_by("-number")


def newest_versions(targets: Collection[Target]) -> dict[int, TargetVersion]:
    """Return {target id: its newest version} in one query."""
    rows = TargetVersion.objects.filter(target__in=[target.pk for target in targets])
    newest = rows.alias(last=Max("target__versions__number")).filter(number=F("last")).select_related("measure")
    return {row.target_id: row for row in newest}


def version_in_force(target: Target, at: datetime) -> TargetVersion:
    """Return the version that judges what ends `at`; before the first one began, the first.

    Of several the highest number: a clock that was set back gives a later version an earlier moment.
    """
    rows = versions_of(target)
    version = rows.filter(valid_from__lte=at).first() or rows.last()
    if version is None:
        raise TargetVersion.DoesNotExist(f"{target.metric_name} has no version")
    return version


def corrections_of(project_ids: Sequence[int], start: datetime, end: datetime) -> QuerySet[Correction]:
    """Return the corrections in force that touch [start, end), in the order of time."""
    rows = Correction.objects.filter(
        project_id__in=project_ids, withdrawn_at=None, starts_at__lt=end, ends_at__gt=start
    )
    return rows.select_related("target").order_by("starts_at", "id")
