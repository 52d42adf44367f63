"""What the buttons on issues do: one POST, one service, and a way back in the toast. The services enforce roles."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.dashboard.pages import actor_of, staff_only
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.errors.assignees import named_assignee
from tradewatch.errors.choices import ActivityKind
from tradewatch.errors.models import Activity, Issue
from tradewatch.errors.services import (
    add_note,
    assign_issue,
    bookmark_issue,
    delete_note,
    edit_note,
    ignore_issue,
    merge_issue,
    remove_bookmark,
    reopen_issue,
    resolve_issue,
    set_priority,
    undo_change,
    unmerge_issue,
)
from tradewatch.projects.access import visible_projects

Form = Mapping[str, str]
Act = Callable[[Actor, Issue, Form, UUID], object]
SNOOZES = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}


@staff_only
@require_POST
def act_on_issue(request: HttpRequest, issue_id: int, action: str) -> HttpResponse:
    """Do `action` with what the form says; what it changes can be taken back by the address in the answer."""
    if action not in ACTIONS:
        raise Http404(f"no action {action}")
    do, done, can_undo = ACTIONS[action]
    actor = actor_of(request)
    issue = get_object_or_404(Issue, pk=issue_id, project__in=visible_projects(actor))
    token = uuid4()
    return act(
        request,
        Action(lambda actor, issue: do(actor, issue, request.POST.dict(), token), done),
        issue,
        title=issue.title,
        undo_url=reverse("undo-change", args=[token]) if can_undo else None,
        otherwise=issue.get_absolute_url(),
    )


@staff_only
@require_POST
def undo(request: HttpRequest, token: UUID) -> HttpResponse:
    """Take back what one click did, of one issue or of many."""
    action = Action(lambda actor, token: undo_change(actor, token), "Taken back")
    return act(request, action, token, title="as it was before", undo_url=None, otherwise=reverse("issues"))


# --- the actions -----------------------------------------------------------------------------------------------------
def _resolve(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    return resolve_issue(actor, issue, in_release=form.get("in_release") or None, undo_token=token)


def _ignore(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    return ignore_issue(
        actor,
        issue,
        until=_until(form),
        events=_number(form, "events"),
        users=_number(form, "users"),
        undo_token=token,
    )


def _reopen(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    return reopen_issue(actor, issue, undo_token=token)


def _assign(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    name = form.get("assignee", "")
    if not name:
        raise Invalid("bad assignee", errors={"assignee": ["expected a name, team:NAME, me or none"]})
    return assign_issue(actor, issue, named_assignee(None if name == "none" else name, actor), undo_token=token)


def _prioritise(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    return set_priority(actor, issue, form.get("priority") or None, undo_token=token)


def _bookmark(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    return bookmark_issue(actor, issue)


def _unbookmark(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    return remove_bookmark(actor, issue)


def _merge(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    """Merge the issue that the form names into this one."""
    return merge_issue(actor, _other(actor, form), into=issue, undo_token=token)


def _unmerge(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    """Take the member that the form names out of its family; without a name the issue itself."""
    return unmerge_issue(actor, _other(actor, form) if form.get("other") else issue, undo_token=token)


def _note(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    return add_note(actor, issue, form.get("text", ""))


def _edit_note(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    return edit_note(actor, _note_of(issue, form), form.get("text", ""))


def _delete_note(actor: Actor, issue: Issue, form: Form, token: UUID) -> object:
    return delete_note(actor, _note_of(issue, form))


# By name: what is done, what the toast says, and whether a token takes it back.
ACTIONS: dict[str, tuple[Act, str, bool]] = {
    "resolve": (_resolve, "Resolved", True),
    "ignore": (_ignore, "Ignored", True),
    "reopen": (_reopen, "Opened again", True),
    "assign": (_assign, "Assigned", True),
    "priority": (_prioritise, "Priority set", True),
    "bookmark": (_bookmark, "Bookmarked", False),
    "unbookmark": (_unbookmark, "Bookmark removed", False),
    "merge": (_merge, "Merged", True),
    "unmerge": (_unmerge, "Taken apart", True),
    "note": (_note, "Noted", False),
    "edit-note": (_edit_note, "Note changed", False),
    "delete-note": (_delete_note, "Note deleted", False),
}


def _other(actor: Actor, form: Form) -> Issue:
    number = _number(form, "other")
    found = Issue.objects.filter(pk=number or 0, project__in=visible_projects(actor)).first()
    if found is None:
        raise Invalid("no such issue", errors={"other": ["is no issue that you can see"]})
    return found


def _note_of(issue: Issue, form: Form) -> Activity:
    note = Activity.objects.filter(issue=issue, kind=ActivityKind.NOTE, pk=_number(form, "note") or 0).first()
    if note is None:
        raise Invalid("no such note", errors={"note": ["is gone"]})
    return note


def _until(form: Form) -> datetime | None:
    """Return the end of the silence: a preset from now, or a moment, UTC where it names no zone."""
    if form.get("for"):
        if form["for"] not in SNOOZES:
            raise Invalid("bad condition", errors={"for": [f"expected one of {', '.join(SNOOZES)}"]})
        return timezone.now() + SNOOZES[form["for"]]
    text = form.get("until", "").strip()
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise Invalid("bad condition", errors={"until": ["expected a date and time, such as 2026-11-23 15:12"]})
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(form: Form, name: str) -> int | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid("bad condition", errors={name: ["expected a whole number"]})
    return int(text)
