"""How targets stand now, as `GET /sla/status` and the facade tell it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from sla.choices import TargetState
from sla.figures.reading import burns, judged
from sla.figures.values import Burning, Figures, Judged
from sla.minutes.values import UNIT
from sla.models import Target, TargetVersion
from sla.queries import newest_versions, targets_of
from sla.services.defaults import ensure_missing_defaults

WORST_FIRST = (TargetState.CRITICAL, TargetState.WARNING, TargetState.MISSED, TargetState.MET, TargetState.NO_DATA)


def status(project_ids: Collection[int], environment: str | None, now: datetime) -> dict[str, Any]:
    """Return {"overall", "targets"}: see `serializers.SlaStatusAnswer`. With `environment` only what counts it."""
    ensure_missing_defaults(project_ids, now=now)
    targets = list(targets_of(project_ids))
    versions = newest_versions(targets)
    if environment:
        targets = [target for target in targets if versions[target.pk].environment in ("", environment)]
    found, burning = judged(targets, now), burns(targets, now)
    standings = [
        standing(target, versions[target.pk], found[target.pk], burning.get(target.pk, ())) for target in targets
    ]
    return {"overall": overall([each["state"] for each in standings]), "targets": standings}


def overall(states: Sequence[str]) -> str:
    """Return the worst of the states; no data where there is none."""
    return next((state for state in WORST_FIRST if state in states), TargetState.NO_DATA)


def standing(target: Target, version: TargetVersion, figures: Judged, burning: Sequence[Burning]) -> dict[str, Any]:
    """Return one target of the answer. None, never 0, is what nothing was counted for."""
    adjusted = figures.adjusted
    return {
        "metric_name": target.metric_name,
        "title": target.title,
        "project": target.project.slug,
        "environment": version.environment,
        "indicator": version.indicator,
        "direction": version.direction,
        **_side(adjusted),
        "target_value": float(version.target_value),
        "warning_threshold": float(version.warning_threshold),
        "critical_threshold": float(version.critical_threshold),
        "budget": _budget(adjusted, burning),
        "coverage": _number(adjusted.coverage),
        "is_approximate": adjusted.is_approximate,
        "period": {"start": figures.period.start, "end": figures.period.end, "label": figures.period.label},
        "projected": None if figures.projected is None else _side_with_budget(figures.projected),
        "raw": _side_with_budget(figures.raw),
        "version": version.number,
        "url": f"{settings.PUBLIC_URL}{target.get_absolute_url()}",
    }


def _side(figures: Figures) -> dict[str, Any]:
    return {"state": figures.state, "value": _number(figures.value)}


def _side_with_budget(figures: Figures) -> dict[str, Any]:
    return {**_side(figures), "remaining": _number(figures.remaining)}


def _budget(figures: Figures, burning: Sequence[Burning]) -> dict[str, Any]:
    firing = [each.pair.severity for each in burning if each.is_firing and not each.is_held]
    return {
        "remaining": _number(figures.remaining),
        "burn": _number(burning[0].long_burn) if burning else None,
        "allowed": _number(figures.allowed),
        "bad": figures.sums.bad / UNIT,
        "valid": figures.sums.valid / UNIT,
        "firing": firing,
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
