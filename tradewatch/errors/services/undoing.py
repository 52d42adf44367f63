"""Undo: takes back what one click did, for a short time, by who did it, unless somebody has changed it since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from alerts.services import observe
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Fault, NotAllowed, Unknown
from tradewatch.errors.activity import is_by, note_activity
from tradewatch.errors.choices import ActivityKind
from tradewatch.errors.models import Activity, Issue
from tradewatch.errors.news import back_again
from tradewatch.errors.services.changing import plain, require_responder, tell_watchers
from tradewatch.errors.services.merging import merge_issue, unmerge_issue

UNDO_WITHIN = timedelta(minutes=2)  # a page offers it for 10 s; a slow line and a second thought come on top


@dataclass(frozen=True, slots=True)
class Undone:
    """`kept` {issue id: why its change was not taken back}."""

    issue_ids: Sequence[int]
    kept: Mapping[int, str]


def undo_change(actor: Actor, undo_token: UUID, *, now: datetime | None = None) -> Undone:
    """Take back everything done under `undo_token`, issue by issue, the last change first.

    What others have changed since stays, and is named in `kept`. Raises `Unknown` (nothing to take back),
    `NotAllowed` (somebody else's), `Conflict` (too late, or nothing could be taken back).
    """
    now = now or timezone.now()
    entries = list(Activity.objects.filter(undo_token=undo_token, undone_at=None).order_by("-id"))
    if not entries:
        raise Unknown("nothing to take back", errors={"undo": ["is unknown, or taken back already"]})
    if not all(is_by(actor, entry) for entry in entries):
        raise NotAllowed("only who made a change takes it back")
    if entries[-1].at < now - UNDO_WITHIN:
        raise Conflict("too late to take it back; change it by hand")
    done: list[int] = []
    kept: dict[int, str] = {}
    for entry in entries:
        try:
            _undo(actor, entry, now=now)
            done.append(entry.issue_id)
        except Fault as fault:
            kept[entry.issue_id] = fault.detail
    if not done:
        raise Conflict("; ".join(dict.fromkeys(kept.values())))
    return Undone(done, kept)


@transaction.atomic
def _undo(actor: Actor, entry: Activity, *, now: datetime) -> None:
    claimed = Activity.objects.filter(pk=entry.pk, undone_at=None).update(undone_at=now)
    if not claimed:
        raise Conflict("taken back already")
    issue = Issue.objects.select_related("project").get(pk=entry.issue_id)
    undo: dict[str, Any] = entry.undo or {}
    if "unmerge" in undo:
        member = unmerge_issue(actor, _merged_still(undo["unmerge"], into=issue.pk))
        _bring_alert_back(member, undo, "merging it was taken back", now=now)
    elif "merge_into" in undo:
        merge_issue(actor, issue, into=Issue.objects.get(pk=undo["merge_into"]))
    else:
        _restore(actor, issue, entry, undo, now=now)


def _restore(actor: Actor, issue: Issue, entry: Activity, undo: Mapping[str, Any], *, now: datetime) -> None:
    require_responder(actor, issue.project_id)
    row = Issue.objects.select_for_update(no_key=True).get(pk=issue.pk)
    fields: Mapping[str, Sequence[Any]] = undo["fields"]
    if any(_current(row, name) != after for name, (_, after) in fields.items()):
        raise Conflict(f"#{row.number} has been changed since")
    for name, (before, _) in fields.items():
        field = Issue._meta.get_field(name)
        setattr(row, field.attname, field.to_python(before))  # type: ignore[union-attr]  # columns only
    row.save(update_fields=list(fields))
    changes = {name: [after, before] for name, (before, after) in fields.items()}
    audit.record(actor, "issue.undo", row, project_id=row.project_id, changes=changes)
    note_activity(actor, row.pk, ActivityKind.UNDONE, f"Taken back: {entry.text}", now=now)
    _bring_alert_back(row, undo, "resolving it was taken back", now=now)
    tell_watchers(row)


def _bring_alert_back(issue: Issue, undo: Mapping[str, Any], why: str, *, now: datetime) -> None:
    """People were told that the alert ended: they must be told that it has not."""
    if undo.get("alert_ended"):
        observe(back_again(issue, message=why, now=now))


def _current(row: Issue, name: str) -> object:
    return plain(getattr(row, Issue._meta.get_field(name).attname))  # type: ignore[union-attr]  # columns only


def _merged_still(member_id: int, *, into: int) -> Issue:
    member = Issue.objects.get(pk=member_id)
    if member.merged_into_id != into:
        raise Conflict(f"#{member.number} has been unmerged since")
    return member
