"""Notes on an issue, and bookmarks. A note is its author's: nobody else changes or deletes it."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid, NotAllowed, Unknown
from tradewatch.errors.activity import is_by, note_activity
from tradewatch.errors.choices import ActivityKind
from tradewatch.errors.models import Activity, Bookmark, Issue
from tradewatch.errors.services.changing import require_responder, tell_watchers

LONGEST_NOTE = 10_000


@transaction.atomic
def add_note(actor: Actor, issue: Issue, text: str) -> Activity:
    """Write a note of up to 10,000 characters. Raises `NotAllowed`, `Invalid`."""
    require_responder(actor, issue.project_id)
    note = note_activity(actor, issue.pk, ActivityKind.NOTE, _checked(text), now=timezone.now())
    audit.record(actor, "issue.note", issue, project_id=issue.project_id, changes={"note": [None, note.pk]})
    tell_watchers(issue)
    return note


@transaction.atomic
def edit_note(actor: Actor, note: Activity, text: str) -> Activity:
    """Change the text of one's own note. Raises `NotAllowed`, `Invalid`, `Unknown` (no note)."""
    note = _own_note(actor, note)
    note.text, note.edited_at = _checked(text), timezone.now()
    note.save(update_fields=["text", "edited_at"])
    _record(actor, "issue.edit_note", note)
    return note


@transaction.atomic
def delete_note(actor: Actor, note: Activity) -> None:
    """Delete one's own note. Raises `NotAllowed`, `Unknown` (no note)."""
    note = _own_note(actor, note)
    _record(actor, "issue.delete_note", note)
    note.delete()


@transaction.atomic
def bookmark_issue(actor: Actor, issue: Issue) -> None:
    """Keep the issue at hand for the actor, a person. Again: unchanged. Raises `NotAllowed`, `Invalid` (a token)."""
    require_responder(actor, issue.project_id)
    user = _person(actor)
    _, is_new = Bookmark.objects.get_or_create(user=user, issue=issue, defaults={"created_at": timezone.now()})
    if is_new:
        audit.record(actor, "issue.bookmark", issue, project_id=issue.project_id)


@transaction.atomic
def remove_bookmark(actor: Actor, issue: Issue) -> None:
    """Undo `bookmark_issue`. Without a bookmark: unchanged."""
    require_responder(actor, issue.project_id)
    gone, _ = Bookmark.objects.filter(user=_person(actor), issue=issue).delete()
    if gone:
        audit.record(actor, "issue.remove_bookmark", issue, project_id=issue.project_id)


def _own_note(actor: Actor, note: Activity) -> Activity:
    row = Activity.objects.select_for_update(of=("self",)).select_related("issue").filter(pk=note.pk).first()
    if row is None or row.kind != ActivityKind.NOTE:
        raise Unknown("no such note")
    require_responder(actor, row.issue.project_id)
    if not is_by(actor, row):
        raise NotAllowed("a note is its author's to change")
    return row


def _checked(text: str) -> str:
    text = text.replace("\0", "").strip()
    if not text or len(text) > LONGEST_NOTE:
        raise Invalid("bad note", errors={"text": [f"expected 1 to {LONGEST_NOTE:,} characters"]})
    return text


def _record(actor: Actor, action: str, note: Activity) -> None:
    issue = note.issue
    audit.record(actor, action, issue, project_id=issue.project_id, changes={"note": [note.pk, note.pk]})
    tell_watchers(issue)


def _person(actor: Actor) -> User:
    if actor.kind != "user" or actor.id is None:
        raise Invalid("a token has no bookmarks", errors={"issue": ["bookmarks are a person's"]})
    return User.objects.get(pk=actor.id)
