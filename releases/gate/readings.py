"""How targets stood when their newest minutes had been collected: what the gate reads instead of adding up months.

A tick writes them, for projects that deploy. One holds while nothing else is to be expected: it is of the last minutes,
of the version in force, under the same corrections. Where none holds the gate works the figures out anew.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Count, Max

from releases.gate.values import BudgetFact
from releases.models import BudgetReading, Deployment, GateAnswer
from sla.models import Correction

HOLDS = timedelta(minutes=3)  # a tick comes each minute; one may be late
USED_WITHIN = timedelta(days=30)
FIGURES = ("remaining", "is_spent", "has_enough", "burn", "burn_rate", "coverage")
_WRITTEN = ("version", "read_at", "corrections", *FIGURES)


def projects_that_deploy(now: datetime) -> list[int]:
    """Return the projects that deployed, or asked the gate, within 30 days: of others nobody reads a reading."""
    since = now - USED_WITHIN
    deployed = Deployment.objects.filter(started_at__gte=since).order_by().values_list("project_id", flat=True)
    asked = GateAnswer.objects.filter(asked_at__gte=since).order_by().values_list("project_id", flat=True)
    return sorted({*deployed.distinct(), *asked.distinct()})


def write_readings(read: Iterable[tuple[int, str, BudgetFact]], *, now: datetime) -> None:
    """Write (id of the version, `corrections_mark` of the project, how the target stands)."""
    rows = [
        BudgetReading(
            target_id=fact.target_id,
            version_id=version_id,
            read_at=now,
            corrections=mark,
            **{name: getattr(fact, name) for name in FIGURES},
        )
        for version_id, mark, fact in read
    ]
    BudgetReading.objects.bulk_create(rows, update_conflicts=True, unique_fields=["target"], update_fields=_WRITTEN)


def readings_that_hold(project_id: int, versions: Mapping[int, int], *, now: datetime) -> dict[int, BudgetReading]:
    """Return {target id: its reading} of those that hold. `versions`: {target id: the id of its version in force}."""
    rows = BudgetReading.objects.filter(target__project=project_id, read_at__gt=now - HOLDS, read_at__lte=now)
    found = {row.target_id: row for row in rows if versions.get(row.target_id) == row.version_id}
    mark = corrections_mark(project_id) if found else ""
    return {pk: row for pk, row in found.items() if row.corrections == mark}


def corrections_mark(project_id: int) -> str:
    """Return a text that changes with the corrections of a project: added, withdrawn, or moved to a later end."""
    rows = Correction.objects.filter(project=project_id)
    known = rows.aggregate(count=Count("pk"), newest=Max("pk"), gone=Max("withdrawn_at"), end=Max("ends_at"))
    moments = [int(known[name].timestamp() * 1000) if known[name] else 0 for name in ("gone", "end")]
    return ":".join(map(str, [known["count"], known["newest"] or 0, *moments]))
