"""Whose an alert is, and what people write on it."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from alerts.choices import EntryKind
from alerts.models import Alert
from alerts.services.handling import lock, require_responder
from alerts.timeline import note as write_entry
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.core.live import push
from tradewatch.core.people import name_of
from tradewatch.projects.access import may
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Team


@transaction.atomic
def assign_alert(actor: Actor, alert: Alert, *, user: User | None, team: Team | None, note: str = "") -> Alert:
    """Give the alert to a person or a team; both None: to nobody. Nobody is told by it.

    Raises `NotAllowed`, and `Invalid` for somebody who may not see the project.
    """
    require_responder(actor, alert.project_id)
    if user is not None and not _may_see(user, alert.project_id):
        raise Invalid("cannot be assigned", errors={"user": [f"{name_of(user)} is no member of this project"]})
    row = lock(alert)
    before = _owner(row.assignee, row.team)
    row.assignee, row.team = user, team
    row.save(update_fields=["assignee", "team"])
    now, words = timezone.now(), f"Assigned to {_owner(user, team)} by {actor.label}"
    write_entry(row, EntryKind.ASSIGNED, f"{words}: {note}" if note else f"{words}.", now=now, actor_label=actor.label)
    changes = {"owner": [before, _owner(user, team)]}
    audit.record(actor, "alert.assign", row, project_id=row.project_id, changes=changes)
    transaction.on_commit(lambda: push("alerts", row.project_id))
    return row


@transaction.atomic
def note_on_alert(actor: Actor, alert: Alert, note: str) -> Alert:
    """Write a note on the alert's timeline. Raises `NotAllowed`, and `Invalid` for an empty one."""
    require_responder(actor, alert.project_id)
    if not note.strip():
        raise Invalid("nothing to note", errors={"note": ["is needed"]})
    row = lock(alert)
    write_entry(row, EntryKind.NOTE, note, now=timezone.now(), actor_label=actor.label)
    audit.record(actor, "alert.note", row, project_id=row.project_id)
    transaction.on_commit(lambda: push("alerts", row.project_id))
    return row


def _may_see(user: User, project_id: int) -> bool:
    person = Actor(kind="user", id=user.pk, label=user.get_username())
    return may(person, project_id, Role.VIEWER, scope=Scope.ALERTS_READ)


def _owner(user: User | None, team: Team | None) -> str:
    return " and ".join(filter(None, [name_of(user) if user else "", f"team {team}" if team else ""])) or "nobody"
