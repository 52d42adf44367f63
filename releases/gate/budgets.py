"""How the SLA targets stand that count an environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from releases.gate.readings import (
    FIGURES,
    corrections_mark,
    projects_that_deploy,
    readings_that_hold,
    write_readings,
)
from releases.gate.values import BudgetFact
from releases.models import BudgetReading
from sla.burning.steps import LEAST_BAD, firing_pair
from sla.choices import Indicator
from sla.figures.reading import Burnt, burnt, judged
from sla.figures.values import Judged
from sla.models import Target, TargetVersion

# They count what deployments and people do: a budget of theirs that is gone is no reason to hold a repair back.
NOT_OF_SERVICE = (Indicator.DEPLOYMENT, Indicator.ALERT_RESPONSE)


@dataclass(frozen=True, slots=True)
class Promised:
    """A target with what the gate must know of its version in force."""

    target_id: int
    name: str
    version_id: int
    environment: str
    indicator: str


def budgets_of(project_id: int, environment: str, now: datetime) -> list[BudgetFact]:
    """Return the targets of the environment and those over all environments, by name: as last read where that holds."""
    counting = [each for each in _promised([project_id]) if each.environment in ("", environment)]
    known = readings_that_hold(project_id, {each.target_id: each.version_id for each in counting}, now=now)
    read = {
        each.target_id: _fact(each, known[each.target_id].read_at, _figures_in(known[each.target_id]))
        for each in counting
        if each.target_id in known
    }
    anew = _worked_out([each for each in counting if each.target_id not in known], now)
    return [(read | anew)[each.target_id] for each in counting]


def read_budgets(now: datetime) -> int:
    """Write how the targets of every project stand that deploys; returns how many. A tick, harmless when run twice."""
    projects = projects_that_deploy(now)
    # The marks first: a correction that comes in between makes the readings not hold, rather than wrong.
    marks = {project_id: corrections_mark(project_id) for project_id in projects}
    read = []
    for project_id, mark in marks.items():
        promised = _promised([project_id])
        facts = _worked_out(promised, now)
        read += [(each.version_id, mark, facts[each.target_id]) for each in promised]
    write_readings(read, now=now)
    return len(read)


def _promised(project_ids: Sequence[int]) -> list[Promised]:
    """Return the targets by name. One query of few columns, and the newest of each picked here: there are few."""
    rows = TargetVersion.objects.filter(target__project__in=project_ids, target__archived_at=None)
    columns = ("target_id", "target__metric_name", "pk", "environment", "indicator")
    found = {row[0]: Promised(*row) for row in rows.order_by("number").values_list(*columns)}
    return sorted(found.values(), key=lambda each: (each.name, each.target_id))


def _worked_out(promised: Sequence[Promised], now: datetime) -> dict[int, BudgetFact]:
    if not promised:
        return {}
    targets = list(Target.objects.filter(pk__in=[each.target_id for each in promised]))
    figures, burns = judged(targets, now), burnt(targets, now)
    return {
        each.target_id: _fact(each, now, _figures_of(burns[each.target_id], figures[each.target_id]))
        for each in promised
    }


def _fact(each: Promised, read_at: datetime, figures: Mapping[str, Any]) -> BudgetFact:
    return BudgetFact(
        target_id=each.target_id,
        name=each.name,
        environment=each.environment,
        is_of_service=each.indicator not in NOT_OF_SERVICE,
        read_at=read_at,
        **figures,
    )


def _figures_in(row: BudgetReading) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in FIGURES}


def _figures_of(burns: Burnt, figures: Judged) -> Mapping[str, Any]:
    adjusted, firing = figures.adjusted, firing_pair(burns.burning)
    remaining, fastest = adjusted.remaining, next((each.long_burn for each in burns.burning[:1]), None)
    return {
        "remaining": None if remaining is None else float(remaining),
        "is_spent": bool(adjusted.sums.bad) and (remaining is None or remaining <= 0),
        "has_enough": adjusted.sums.received_bad >= LEAST_BAD and adjusted.sums.received >= burns.version.least_events,
        "burn": firing.pair.severity if firing else "",
        "burn_rate": None if fastest is None else float(fastest),
        "coverage": None if adjusted.coverage is None else float(adjusted.coverage),
    }
