"""What people do about transactions: say what they expect of them. Rights are asked and the audit is written here."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.performance.models import PerformanceSettings
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope


@transaction.atomic
def save_expectations(actor: Actor, row: PerformanceSettings, *, changes: Mapping[str, Sequence[object]]) -> None:
    """Save a project's thresholds and limits; they count from the next transaction on.

    Raises `NotAllowed` for less than a manager, `Invalid` with the faults by field.
    """
    access.require(actor, row.project_id, Role.MANAGER, scope=Scope.ADMIN)
    if faults := row.faults():
        raise Invalid("bad performance settings", errors={name: [text] for name, text in faults.items()})
    row.save()
    audit.record(actor, "performance.settings", row, project_id=row.project_id, changes=dict(changes))
