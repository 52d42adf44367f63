"""What people do about a project's releases: say what is wanted. Rights are asked and the audit is written here."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from releases.models import ReleaseSettings
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope


@transaction.atomic
def save_release_settings(actor: Actor, row: ReleaseSettings, *, changes: Mapping[str, Sequence[object]]) -> None:
    """Save whether deployments leave SLA figures; it counts from the next deployment on. Raises `NotAllowed`."""
    access.require(actor, row.project_id, Role.MANAGER, scope=Scope.ADMIN)
    row.save()
    audit.record(actor, "release.settings", row, project_id=row.project_id, changes=dict(changes))
