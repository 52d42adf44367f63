"""Silences: opened, changed, ended by hand. What they hold hears of it at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from alerts.engine.placing import wake
from alerts.engine.warning import firing_under
from alerts.models import AlertGroup, Silence
from alerts.suppression import SilenceState
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.core.kick import kick
from tradewatch.core.live import push
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope

_CHANGEABLE = ("matchers", "starts_at", "ends_at", "comment")


@transaction.atomic
def open_silence(actor: Actor, silence: Silence, *, replaces: Silence | None = None) -> Silence:
    """Save a new silence. Raises `NotAllowed` (for all projects it takes a superuser), and `Invalid` by field."""
    require_silencer(actor, silence.project_id)
    silence.created_by, silence.replaces = actor.label[:200], replaces
    _check(silence)
    if silence.ends_at <= timezone.now():
        raise Invalid("the silence is not valid", errors={"ends_at": ["has passed already"]})
    silence.save(force_insert=True)
    audit.record(actor, "silence.create", silence, project_id=silence.project_id)
    _let_groups_look(silence)
    return silence


@transaction.atomic
def expire_silence(actor: Actor, silence: Silence) -> Silence:
    """End a silence now; one that has not begun never does. Raises `NotAllowed`, `Conflict` when it has ended."""
    require_silencer(actor, silence.project_id)
    row = Silence.objects.select_for_update().get(pk=silence.pk)
    if row.state == SilenceState.EXPIRED:
        raise Conflict("it has ended already")
    now = timezone.now()
    before, row.ends_at, row.ended_by = row.ends_at, now, actor.label[:200]
    row.save(update_fields=["ends_at", "ended_by"])
    changes = {"ends_at": [before.isoformat(), now.isoformat()]}
    audit.record(actor, "silence.expire", row, project_id=row.project_id, changes=changes)
    _let_groups_look(row)
    return row


@transaction.atomic
def change_silence(actor: Actor, silence: Silence, **fields: object) -> Silence:
    """Change a silence, and return it: what holds is never rewritten, so other matchers, another start or another
    project of an active one end it and open a new one. Raises `NotAllowed`, `Invalid`, `Conflict` when it has ended."""
    row = Silence.objects.select_for_update().get(pk=silence.pk)
    require_silencer(actor, row.project_id)
    if row.state == SilenceState.EXPIRED:
        raise Conflict("it has ended: open a new one")
    wanted = {name: fields.get(name, getattr(row, name)) for name in _CHANGEABLE}
    project_id = cast("int | None", fields.get("project_id", row.project_id))
    is_another = wanted["matchers"] != row.matchers or project_id != row.project_id
    if row.state == SilenceState.ACTIVE and (is_another or wanted["starts_at"] != row.starts_at):
        expire_silence(actor, row)
        wanted["starts_at"] = max(timezone.now(), _moment(wanted["starts_at"]))
        return open_silence(actor, Silence(project_id=project_id, **wanted), replaces=row)
    changes = {
        name: [str(getattr(row, name)), str(value)] for name, value in wanted.items() if value != getattr(row, name)
    }
    for name, value in wanted.items():
        setattr(row, name, value)
    row.project_id, row.warned_at = project_id, None
    require_silencer(actor, row.project_id)
    _check(row)
    row.save()
    audit.record(actor, "silence.change", row, project_id=row.project_id, changes=changes)
    _let_groups_look(row)
    return row


def require_silencer(actor: Actor, project_id: int | None) -> None:
    if project_id is None:
        access.require_everywhere(actor, scope=Scope.ALERTS_WRITE)
    else:
        access.require(actor, project_id, Role.RESPONDER, scope=Scope.ALERTS_WRITE)


def look_at_all_groups(project_id: int | None) -> None:
    """Let the open groups of a project (None: of all) look now: what holds alerts has changed."""
    groups = AlertGroup.objects.all() if project_id is None else AlertGroup.objects.filter(project=project_id)
    wake(groups, now=timezone.now())
    transaction.on_commit(lambda: kick("alerts"))


def _let_groups_look(silence: Silence) -> None:
    alerts = firing_under(silence)
    ids: Sequence[int] = [alert.pk for alert in alerts]
    wake(AlertGroup.objects.filter(members__alert__in=ids), now=timezone.now())
    for project_id in sorted({alert.project_id for alert in alerts}):
        transaction.on_commit(lambda project_id=project_id: push("alerts", project_id))  # type: ignore[misc]
    transaction.on_commit(lambda: kick("alerts"))


def _check(silence: Silence) -> None:
    try:
        silence.full_clean(exclude=["replaces"])
    except ValidationError as error:
        raise Invalid("the silence is not valid", errors=error.message_dict) from None


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise Invalid("the silence is not valid", errors={"starts_at": ["expected a time"]})
    return value
