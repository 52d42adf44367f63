"""Measures: the one row for all that ask the same, and which of them are asked for at all."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from sla.choices import Indicator
from sla.models import Measure, TargetVersion
from sla.sources import source_of
from tradewatch.inbox.kept_items import identity_of
from tradewatch.projects.models import Project

EXACT_BY_THRESHOLD = (Indicator.LATENCY, Indicator.PERCENTILE)
NEW_FOR = timedelta(days=1)  # so long a measure is counted before a version asks for it


def measure_for(
    project: Project,
    environment: str,
    indicator: Indicator | str,
    definition: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> Measure:
    """Return the measure that counts this, made when nobody asked for it before. The definition must be sound.

    From the next minute on what stays within its threshold and has its tag is counted exactly: `exact_from`.
    Raises `NoSourceError`.
    """
    at = now or timezone.now()
    canonical = source_of(indicator).canonical(definition)
    measure, is_new = Measure.objects.get_or_create(
        identity=_identity(project.pk, environment, str(indicator), canonical),
        defaults={
            "project": project,
            "environment": environment,
            "indicator": str(indicator),
            "definition": canonical,
            "exact_from": _exact_from(str(indicator), canonical, at),
        },
    )
    if not is_new and measure.exact_from and not in_force(at).filter(pk=measure.pk).exists():
        measure.exact_from = _exact_from(measure.indicator, canonical, at)  # nobody asked for it meanwhile
        measure.save(update_fields=["exact_from"])
    return measure


def known_measure(
    project: Project, environment: str, indicator: Indicator | str, canonical: Mapping[str, Any]
) -> Measure | None:
    """Return the measure that counts this canonical definition already, if there is one."""
    identity = _identity(project.pk, environment, str(indicator), canonical)
    return Measure.objects.filter(identity=identity).first()


def in_force(now: datetime) -> QuerySet[Measure]:
    """Return the measures to be counted: of versions that judge something that may still change, and new ones.

    A version that was replaced is counted on while late events can reach the periods that it judges.
    """
    since = now - settings.METRIC_MINUTE_RETENTION
    replaced = TargetVersion.objects.filter(
        target=OuterRef("target"), number__gt=OuterRef("number"), valid_from__lte=since
    )
    asking = TargetVersion.objects.filter(measure=OuterRef("pk"), target__archived_at=None).filter(~Exists(replaced))
    return Measure.objects.filter(Q(Exists(asking)) | Q(created_at__gte=now - NEW_FOR))


def _identity(project_id: int, environment: str, indicator: str, definition: Mapping[str, Any]) -> UUID:
    return identity_of("sla", project_id, environment, indicator, json.dumps(definition, sort_keys=True))


def _exact_from(indicator: str, definition: Mapping[str, Any], now: datetime) -> datetime | None:
    """Return when exact counting begins: the next whole minute. None: it always was exact."""
    if indicator in EXACT_BY_THRESHOLD or "tag" in definition:
        return now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return None
