"""What people do about the relay: choose for a project, try an upstream again. Rights and the audit are here."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx
from django.conf import settings
from django.db import transaction

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.dsn import read_dsn
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.core.net import ForbiddenAddressError, Reach, checked, resolve_name
from tradewatch.ingest.models import RelaySettings, RelayUpstream
from tradewatch.ingest.relay.choices import SHARED
from tradewatch.ingest.relay.relaying import forget_choices
from tradewatch.ingest.relay.targets import is_ourselves
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope

_AIMS = frozenset({"dsn", "allows_internal"})


def check_settings(actor: Actor, row: RelaySettings, *, changed: Sequence[str]) -> None:
    """Raise what saving would: `NotAllowed` for less than a manager, and for less than an administrator where a private
    upstream is concerned; `Invalid` with the faults by field."""
    access.require(actor, row.project_id, Role.MANAGER, scope=Scope.ADMIN)
    errors = {name: [text] for name, text in row.faults().items()}
    if not errors and row.dsn and "dsn" in changed and (fault := _fault_in_place(row)):
        errors["dsn"] = [fault]
    if errors:
        raise Invalid("bad relay settings", errors=errors)
    _require_right_to_aim(actor, row, changed)


@transaction.atomic
def save_settings(actor: Actor, row: RelaySettings, *, changes: Mapping[str, Sequence[object]]) -> None:
    """Save what of a project is relayed; it holds for what is digested from now on. Raises as `check_settings`."""
    check_settings(actor, row, changed=list(changes))
    row.save()
    shown = {name: ["", "changed"] if name == "dsn" else list(values) for name, values in changes.items()}
    audit.record(actor, "relay.settings", row, project_id=row.project_id, changes=shown)
    transaction.on_commit(forget_choices)


@transaction.atomic
def delete_settings(actor: Actor, row: RelaySettings) -> None:
    """Go back to the defaults. Raises `NotAllowed`."""
    access.require(actor, row.project_id, Role.MANAGER, scope=Scope.ADMIN)
    audit.record(actor, "relay.settings.delete", row, project_id=row.project_id)
    row.delete()
    transaction.on_commit(forget_choices)


@transaction.atomic
def try_again(actor: Actor, row: RelayUpstream, *, now: datetime) -> RelayUpstream:
    """Let the next try of an upstream that is away be now. Rate limits stay. Raises `NotAllowed`."""
    if row.pk == SHARED:
        access.require_everywhere(actor, scope=Scope.ADMIN)
    else:
        access.require(actor, row.pk, Role.MANAGER, scope=Scope.ADMIN)
    row = RelayUpstream.objects.select_for_update().get(pk=row.pk)
    row.next_at = None
    row.save(update_fields=["next_at"])
    audit.record(actor, "relay.try_again", row, project_id=row.pk or None)
    return row


def _fault_in_place(row: RelaySettings) -> str:
    """Return why the upstream cannot be that one; empty when it can. A name that does not resolve yet may still."""
    dsn = read_dsn(row.dsn)
    if is_ourselves(dsn):
        return "this is TradeWatch itself: its events would come back for ever"
    try:
        checked(
            resolve_name(dsn.host, dsn.port),
            dsn.host,
            Reach(settings.OUTBOUND_ALLOWED_NETWORKS, internal_host=dsn.host if row.allows_internal else ""),
        )
    except ForbiddenAddressError:
        return "its host has a private address: an administrator has to allow that"
    except httpx.ConnectError:
        return ""
    return ""


def _require_right_to_aim(actor: Actor, row: RelaySettings, changed: Sequence[str]) -> None:
    """What may reach one's own network is an administrator's to aim: else whoever edits it could aim it elsewhere."""
    was_internal = RelaySettings.objects.filter(pk=row.pk, allows_internal=True).exists()
    if not _AIMS & set(changed) or not (row.allows_internal or was_internal):
        return
    if not access.may_everywhere(actor, scope=Scope.ADMIN):
        raise NotAllowed(
            "only an administrator aims the relay at an internal upstream",
            errors={"allows_internal": ["only an administrator sets this, or changes such an upstream"]},
        )
