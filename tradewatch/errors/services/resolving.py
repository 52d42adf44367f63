"""States: resolve, ignore, reopen, and the waking of what was ignored for a time."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from alerts.services import observe_end
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Invalid
from tradewatch.core.live import push
from tradewatch.errors.activity import note_activity
from tradewatch.errors.choices import ActivityKind, IssueState
from tradewatch.errors.models import Issue
from tradewatch.errors.news import issue_fingerprint
from tradewatch.errors.services.changing import change, locked_issue
from tradewatch.errors.states import NO_RESOLUTION, NO_SILENCE, Silence, resolution_words, silence_words
from tradewatch.projects.models import Release
from tradewatch.projects.sightings import newest_release

NEXT, CURRENT = "next", "current"
MAX_COUNT = 2_000_000_000


@transaction.atomic
def resolve_issue(
    actor: Actor, issue: Issue, *, in_release: str | None = None, undo_token: UUID | None = None
) -> Issue:
    """Mark the issue as mended: at once, in a release (its version, or `current`: the newest), or in the `next` one.

    Events of earlier releases then change nothing; one of that release or a later one is a regression. A resolved issue
    comes back unchanged. Its alert ends. Raises `NotAllowed`, `Invalid` (no such release), `Conflict` (merged).
    """
    issue = locked_issue(actor, issue)
    if issue.state == IssueState.RESOLVED:
        return issue
    now = timezone.now()
    release, in_next = _release_of(issue, in_release), in_release == NEXT
    ended = observe_end(
        issue.project_id, issue_fingerprint(issue.pk), why="the issue was resolved", by=actor.label, now=now
    )
    values = {
        "state": IssueState.RESOLVED.value,
        "is_regressed": False,
        "resolved_at": now,
        "resolved_in_release": release,
        "resolves_in_next_release": in_next,
        **NO_SILENCE,
    }
    return change(
        actor,
        issue,
        values,
        action="issue.resolve",
        kind=ActivityKind.RESOLVED,
        text=resolution_words(release.version if release else "", in_next=in_next),
        now=now,
        undo_token=undo_token,
        undo={"alert_ended": True} if ended else None,
    )


@transaction.atomic
def reopen_issue(actor: Actor, issue: Issue, *, undo_token: UUID | None = None) -> Issue:
    """Take back that the issue was resolved or ignored. An open one comes back unchanged.

    Raises `NotAllowed`, `Conflict` (merged).
    """
    issue = locked_issue(actor, issue)
    if issue.state == IssueState.UNRESOLVED:
        return issue
    return change(
        actor,
        issue,
        {"state": IssueState.UNRESOLVED.value, **NO_RESOLUTION, **NO_SILENCE},
        action="issue.reopen",
        kind=ActivityKind.REOPENED,
        text=f"Reopened, was {issue.state}",
        now=timezone.now(),
        undo_token=undo_token,
    )


@transaction.atomic
def ignore_issue(
    actor: Actor,
    issue: Issue,
    *,
    until: datetime | None = None,
    events: int | None = None,
    users: int | None = None,
    undo_token: UUID | None = None,
) -> Issue:
    """Keep the issue from making news: until a time, or for so many `events` or `users` more; without any, for good.

    The first condition that is met ends it. Ignoring again sets new conditions. Raises `NotAllowed`, `Invalid`,
    `Conflict` (merged).
    """
    now = timezone.now()
    _check_conditions(until=until, events=events, users=users, now=now)
    issue = locked_issue(actor, issue)
    return change(
        actor,
        issue,
        {
            "state": IssueState.IGNORED.value,
            "is_regressed": False,
            "ignored_until": until,
            "ignored_until_events": issue.event_count + events if events else None,
            "ignored_until_users": issue.user_count + users if users else None,
            **NO_RESOLUTION,
        },
        action="issue.ignore",
        kind=ActivityKind.IGNORED,
        text=silence_words(Silence(until, events, users)),
        now=now,
        undo_token=undo_token,
    )


def wake_ignored_issues(*, now: datetime) -> int:
    """Open the issues whose time of silence is over; return how many. The next event need not come for it."""
    due = Issue.objects.filter(state=IssueState.IGNORED, ignored_until__lte=now, merged_into=None)
    return sum(_wake(issue_id, project_id, now=now) for issue_id, project_id in due.values_list("pk", "project_id"))


@transaction.atomic
def _wake(issue_id: int, project_id: int, *, now: datetime) -> bool:
    """The condition is asked again: somebody may have set another meanwhile."""
    still_due = Issue.objects.filter(pk=issue_id, state=IssueState.IGNORED, ignored_until__lte=now)
    woken = still_due.update(state=IssueState.UNRESOLVED, **NO_SILENCE)
    if woken:
        note_activity(SYSTEM, issue_id, ActivityKind.WOKEN, "Open again: the time to ignore it is over", now=now)
        transaction.on_commit(partial(push, "errors", project_id))
    return bool(woken)


def _release_of(issue: Issue, in_release: str | None) -> Release | None:
    """Return the release the issue is resolved in. For `next`: the newest one, the last that still has the fault."""
    if in_release is None:
        return None
    if in_release in (NEXT, CURRENT):
        newest = newest_release(issue.project_id)
        if newest is None and in_release == CURRENT:
            raise Invalid("no release", errors={"in_release": ["no event has named a release yet"]})
        return Release.objects.get(pk=newest.id) if newest else None
    release = Release.objects.filter(project=issue.project_id, version=in_release).first()
    if release is None:
        raise Invalid("unknown release", errors={"in_release": [f"no event has named {in_release} yet"]})
    return release


def _check_conditions(*, until: datetime | None, events: int | None, users: int | None, now: datetime) -> None:
    counts = (("events", events), ("users", users))
    faults = {name: ["expected 1 or more"] for name, count in counts if count is not None and count < 1}
    faults |= {name: [f"at most {MAX_COUNT}"] for name, count in counts if count is not None and count > MAX_COUNT}
    if until is not None and until <= now:
        faults["until"] = ["expected a time to come"]
    if faults:
        raise Invalid("bad condition", errors=faults)
