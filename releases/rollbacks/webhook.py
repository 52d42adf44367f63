"""The webhook that CI is told by: where it listens, and the secrets that sign. They are shown once, never again."""

from django.db import transaction

from alerts.channels.http import fault_in_url
from alerts.channels.webhook import new_secret
from releases.models import ReleaseSettings
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope

SIGN_AT_ONCE = 2  # the newest and the one before it, while the receiver changes over


def keys_of(row: ReleaseSettings) -> list[str]:
    """Return the secrets that sign, the newest first. Empty where the installation's key was changed."""
    held: str = row.encrypted_rollback_secret
    return held.split()


def ensure_secret(row: ReleaseSettings) -> str:
    """Give the unsaved row a secret where it has an address and none; return a new one, to be shown once.

    Raises `Invalid` for an address that cannot be called.
    """
    if row.rollback_url and (fault := fault_in_url(row.rollback_url)):
        raise Invalid("bad webhook", errors={"rollback_url": [fault]})
    if not row.rollback_url or keys_of(row):
        return ""
    made = new_secret()
    row.encrypted_rollback_secret = made
    return made


@transaction.atomic
def replace_secret(actor: Actor, row: ReleaseSettings) -> str:
    """Return a new secret, to be shown once. The one before signs beside it until the next is made.

    Raises `NotAllowed`, and `Conflict` where there is no webhook.
    """
    access.require(actor, row.project_id, Role.MANAGER, scope=Scope.ADMIN)
    held = ReleaseSettings.objects.select_for_update().get(pk=row.pk)
    if not held.rollback_url:
        raise Conflict("the project has no rollback webhook: enter its address first")
    made = new_secret()
    held.encrypted_rollback_secret = " ".join([made, *keys_of(held)][:SIGN_AT_ONCE])
    held.save(update_fields=["encrypted_rollback_secret"])
    audit.record(actor, "release.secret", held, project_id=held.project_id)
    return made
