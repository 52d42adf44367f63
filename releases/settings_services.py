"""What people do about a project's releases: say what is wanted. Rights are asked and the audit is written here."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from releases.models import ReleaseSettings
from releases.rollbacks.webhook import ensure_secret
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope


@transaction.atomic
def save_release_settings(actor: Actor, row: ReleaseSettings, *, changes: Mapping[str, Sequence[object]]) -> str:
    """Save what is wanted; it counts from the next deployment on. Returns a secret made here, to be shown once.

    Raises `NotAllowed`, and `Invalid` for a webhook that cannot be called. `changes` go into the audit: no secret.
    """
    access.require(actor, row.project_id, Role.MANAGER, scope=Scope.ADMIN)
    made = ensure_secret(row)
    row.save()
    audit.record(actor, "release.settings", row, project_id=row.project_id, changes=dict(changes))
    return made
