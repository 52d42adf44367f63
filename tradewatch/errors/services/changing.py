"""What every change of an issue by a person or token shares: rights, lock, audit, activity, and the way back."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import models, transaction

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict
from tradewatch.core.live import push
from tradewatch.errors.activity import note_activity
from tradewatch.errors.choices import ActivityKind
from tradewatch.errors.models import Issue
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope


def require_responder(actor: Actor, project_id: int) -> None:
    access.require(actor, project_id, Role.RESPONDER, scope=Scope.ERRORS_WRITE)


def locked_issue(actor: Actor, issue: Issue) -> Issue:
    """Return the issue as it is now, locked.

    Raises `NotAllowed`, and `Conflict` for a merged one, whose target decides, and a simulated one.
    """
    require_responder(actor, issue.project_id)
    row = Issue.objects.select_for_update(no_key=True).get(pk=issue.pk)
    if row.merged_into_id is not None:
        number = Issue.objects.values_list("number", flat=True).get(pk=row.merged_into_id)
        raise Conflict(f"it is merged into #{number}: change that one, or unmerge it first")
    if row.is_simulated:
        raise Conflict("no real event has ever come to it: there is nothing to work on")
    return row


def change(
    actor: Actor,
    issue: Issue,
    values: Mapping[str, Any],
    *,
    action: str,
    kind: ActivityKind,
    text: str,
    now: datetime,
    undo_token: UUID | None = None,
    undo: Mapping[str, object] | None = None,
) -> Issue:
    """Write `values`, and only those: the digest counts in other columns of the row at the same time.

    `undo` is kept beside the values before and after, for what else taking it back has to do.
    """
    before = {name: getattr(issue, name) for name in values}
    for name, value in values.items():
        setattr(issue, name, value)
    issue.save(update_fields=list(values))
    changed = [name for name, value in values.items() if before[name] != value]
    changes = {name: [_word(before[name]), _word(values[name])] for name in changed}
    audit.record(actor, action, issue, project_id=issue.project_id, changes=changes)
    fields = {name: [plain(before[name]), plain(values[name])] for name in changed}
    note_activity(
        actor,
        issue.pk,
        kind,
        text,
        now=now,
        undo_token=undo_token or uuid4(),
        undo={**(undo or {}), "fields": fields} if fields else None,
    )
    tell_watchers(issue)
    return issue


def tell_watchers(issue: Issue) -> None:
    transaction.on_commit(partial(push, "errors", issue.project_id))


def plain(value: object) -> object:
    """Return a field's value as JSON keeps it: rows by their key, moments as text."""
    if isinstance(value, models.Model):
        return value.pk
    return value.isoformat() if isinstance(value, datetime) else value


def _word(value: object) -> object:
    return str(value) if isinstance(value, models.Model) else value
