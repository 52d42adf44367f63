"""The four targets that each project has from its creation. They say `no_data` until there is something to count."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from sla.choices import Indicator
from sla.models import Target
from sla.rules import Promise
from sla.services.targets import add_version, completed
from sla.sources import has_source
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.models import Project

REASON = "what every project starts with"
LEAST_EVENTS = 100  # in a burn's long window: three failures of a handful of first requests page nobody


def _promise(indicator: Indicator, target: str, warning: str, critical: str) -> Promise:
    values = Decimal(target), Decimal(warning), Decimal(critical)
    return completed(
        Promise(
            indicator=indicator,
            target_value=values[0],
            warning_threshold=values[1],
            critical_threshold=values[2],
            least_events=LEAST_EVENTS,
        )
    )


DEFAULTS = {
    "availability": _promise(Indicator.AVAILABILITY, "0.999", "0.995", "0.99"),
    "response_time": _promise(Indicator.PERCENTILE, "0.5", "1", "2"),
    "error_rate": _promise(Indicator.ERROR_RATE, "0.01", "0.02", "0.05"),
    "uptime": _promise(Indicator.UPTIME, "0.999", "0.995", "0.99"),
}


def ensure_defaults(project: Project, *, now: datetime) -> list[Target]:
    """Create those of the four that are missing and return them; a target of one's own by the same name stands."""
    present = set(Target.objects.filter(project=project).values_list("metric_name", flat=True))
    missing = {name: promise for name, promise in DEFAULTS.items() if name not in present}
    counted = {name: promise for name, promise in missing.items() if has_source(promise.indicator)}
    created = (_create(project, name, promise, now) for name, promise in counted.items())
    return [target for target in created if target is not None]


def ensure_missing_defaults(project_ids: Collection[int], *, now: datetime) -> None:
    """Give the four to those of the projects that lack any: they are older than their app, or made without it."""
    named = Count("sla_targets", filter=Q(sla_targets__metric_name__in=DEFAULTS))
    lacking = Project.objects.filter(pk__in=project_ids).alias(named=named).filter(named__lt=len(DEFAULTS))
    for project in lacking:
        ensure_defaults(project, now=now)


def _create(project: Project, name: str, promise: Promise, now: datetime) -> Target | None:
    try:
        with transaction.atomic():
            target = Target.objects.create(project=project, metric_name=name, is_default=True, created_at=now)
            add_version(SYSTEM, target, promise, number=1, reason=REASON, now=now)
    except IntegrityError:  # another process was first
        return None
    return target
