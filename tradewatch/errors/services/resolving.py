"""What people and tokens do to issues. Each takes its `actor`, is audited, and is one transaction."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from alerts.services import observe_end
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.core.live import push
from tradewatch.errors.choices import IssueState
from tradewatch.errors.models import Issue
from tradewatch.errors.news import issue_fingerprint
from tradewatch.errors.states import NO_RESOLUTION, NO_SILENCE
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Release
from tradewatch.projects.sightings import newest_release

NEXT = "next"


@transaction.atomic
def resolve_issue(actor: Actor, issue: Issue, *, in_release: str | None = None) -> Issue:
    """Mark the issue as mended: at once, in a release (its version), or in the `next` one.

    Events of earlier releases then change nothing; one of that release or a later one is a regression. A resolved issue
    comes back unchanged. The alert about it ends. Raises `NotAllowed`, `Invalid` (no such release).
    """
    issue = _locked(actor, issue)
    if issue.state == IssueState.RESOLVED:
        return issue
    now = timezone.now()
    values = {
        "state": IssueState.RESOLVED,
        "is_regressed": False,
        "resolved_at": now,
        "resolved_in_release": _release_of(issue, in_release),
        "resolves_in_next_release": in_release == NEXT,
        **NO_SILENCE,
    }
    observe_end(issue.project_id, issue_fingerprint(issue.pk), why="the issue was resolved", by=actor.label, now=now)
    return _change(actor, issue, "issue.resolve", values)


@transaction.atomic
def reopen_issue(actor: Actor, issue: Issue) -> Issue:
    """Take back that the issue was resolved or ignored. An open one comes back unchanged. Raises `NotAllowed`."""
    issue = _locked(actor, issue)
    if issue.state == IssueState.UNRESOLVED:
        return issue
    return _change(actor, issue, "issue.reopen", {"state": IssueState.UNRESOLVED, **NO_RESOLUTION, **NO_SILENCE})


@transaction.atomic
def ignore_issue(
    actor: Actor,
    issue: Issue,
    *,
    until: datetime | None = None,
    events: int | None = None,
    users: int | None = None,
) -> Issue:
    """Keep the issue from making news: until a time, or for so many `events` or `users` more; without any, for good.

    The first condition that is met ends it. Ignoring again sets new conditions. Raises `NotAllowed`, `Invalid`.
    """
    _check_conditions(until=until, events=events, users=users)
    issue = _locked(actor, issue)
    return _change(
        actor,
        issue,
        "issue.ignore",
        {
            "state": IssueState.IGNORED,
            "is_regressed": False,
            "ignored_until": until,
            "ignored_until_events": issue.event_count + events if events else None,
            "ignored_until_users": issue.user_count + users if users else None,
            **NO_RESOLUTION,
        },
    )


def wake_ignored_issues(*, now: datetime) -> int:
    """Open the issues whose time of silence is over; return how many. The next event need not come for it."""
    due = Issue.objects.filter(state=IssueState.IGNORED, ignored_until__lte=now)
    projects = set(due.values_list("project_id", flat=True))
    woken = due.update(state=IssueState.UNRESOLVED, **NO_SILENCE)
    for project_id in projects:
        push("errors", project_id)
    return woken


def _locked(actor: Actor, issue: Issue) -> Issue:
    access.require(actor, issue.project_id, Role.RESPONDER, scope=Scope.ERRORS_WRITE)
    return Issue.objects.select_for_update().get(pk=issue.pk)


def _change(actor: Actor, issue: Issue, action: str, values: Mapping[str, Any]) -> Issue:
    """Write `values`, and only those: the digest counts in other columns of the row at the same time."""
    before = {name: getattr(issue, name) for name in values}
    for name, value in values.items():
        setattr(issue, name, value)
    issue.save(update_fields=list(values))
    changes = {name: [_word(before[name]), _word(value)] for name, value in values.items() if before[name] != value}
    audit.record(actor, action, issue, project_id=issue.project_id, changes=changes)
    transaction.on_commit(partial(push, "errors", issue.project_id))
    return issue


def _word(value: object) -> object:
    return str(value) if isinstance(value, Release) else value


def _release_of(issue: Issue, in_release: str | None) -> Release | None:
    """Return the release the issue is resolved in. For `next`: the newest one, the last that still has the fault."""
    if in_release is None:
        return None
    if in_release == NEXT:
        newest = newest_release(issue.project_id)
        return Release.objects.get(pk=newest.id) if newest else None
    release = Release.objects.filter(project=issue.project_id, version=in_release).first()
    if release is None:
        raise Invalid("unknown release", errors={"in_release": [f"no event has named {in_release} yet"]})
    return release


def _check_conditions(*, until: datetime | None, events: int | None, users: int | None) -> None:
    faults = {name: ["expected 1 or more"] for name, count in (("events", events), ("users", users)) if _is_bad(count)}
    if until is not None and until <= timezone.now():
        faults["until"] = ["expected a time to come"]
    if faults:
        raise Invalid("bad condition", errors=faults)


def _is_bad(count: int | None) -> bool:
    return count is not None and count < 1
