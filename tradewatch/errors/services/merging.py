"""Merging and unmerging: explicit, exact, reversible. `errors.families` says how merged issues hang together."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from alerts.services import observe_end
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.errors import sums
from tradewatch.errors.activity import note_activity
from tradewatch.errors.choices import ActivityKind, IssueState
from tradewatch.errors.families import close_families, family_ids, issues_above
from tradewatch.errors.models import Event, Issue
from tradewatch.errors.news import issue_fingerprint
from tradewatch.errors.services.changing import require_responder, tell_watchers
from tradewatch.errors.states import NO_RESOLUTION, Resolution, is_regression
from tradewatch.projects.models import Release
from tradewatch.projects.releases import ReleaseOrder

LARGEST_FAMILY = 100


def merge_issues(actor: Actor, issues: Sequence[Issue], *, into: Issue, undo_token: UUID | None = None) -> Issue:
    """Merge each of `issues` into one, each in a transaction of its own; return the target as it is then."""
    undo_token = undo_token or uuid4()
    for issue in issues:
        into = merge_issue(actor, issue, into=into, undo_token=undo_token)
    return into


@transaction.atomic
def merge_issue(actor: Actor, issue: Issue, *, into: Issue, undo_token: UUID | None = None) -> Issue:
    """Make `issue` a member of `into`, which from now on speaks for both and whose state rules; return the target.

    The member keeps its hashes, events and counters; its alert ends. Raises `NotAllowed`, `Invalid` (itself, another
    project), `Conflict` (one of them is merged already, the family grows too large).
    """
    require_responder(actor, issue.project_id)
    require_responder(actor, into.project_id)
    if issue.pk == into.pk:
        raise Invalid("bad merge", errors={"into": ["an issue cannot be merged into itself"]})
    if issue.is_simulated or into.is_simulated:
        raise Invalid("bad merge", errors={"into": ["a simulated issue is merged with none"]})
    if issue.project_id != into.project_id:
        raise Invalid("bad merge", errors={"into": ["only issues of one project can be merged"]})
    close_families(issue.project_id)
    locked = _lock([issue, into])
    member, target = locked[issue.pk], locked[into.pk]
    _check_roots(member, target)
    now = timezone.now()
    member.merged_into, member.merged_at = target, now
    member.save(update_fields=["merged_into", "merged_at"])
    sums.add_to(target, member)
    why = f"merged into #{target.number}"
    ended = observe_end(member.project_id, issue_fingerprint(member.pk), why=why, by=actor.label, now=now)
    changes = {"merged_into": [None, target.number]}
    audit.record(actor, "issue.merge", member, project_id=member.project_id, changes=changes)
    note_activity(actor, member.pk, ActivityKind.MERGED, f"Merged into #{target.number} {target.title}", now=now)
    note_activity(
        actor,
        target.pk,
        ActivityKind.MERGED,
        f"#{member.number} {member.title} merged into this one, {member.event_count:,} events",
        now=now,
        undo_token=undo_token or uuid4(),
        undo={"unmerge": member.pk, "alert_ended": ended is not None},
    )
    tell_watchers(target)
    return Issue.objects.select_related("project").get(pk=target.pk)


@transaction.atomic
def unmerge_issue(actor: Actor, issue: Issue, *, undo_token: UUID | None = None) -> Issue:
    """Give a merged issue back all that is its own, events that came meanwhile included; return it.

    It has the state it was merged with; if that was resolved and it has come back since, it is a regression.
    Raises `NotAllowed`, `Conflict` (it is not merged).
    """
    require_responder(actor, issue.project_id)
    close_families(issue.project_id)
    member = _lock([issue])[issue.pk]
    if member.merged_into_id is None:
        raise Conflict("it is not merged into another issue")
    above = _lock_above(member)
    now = timezone.now()
    target = above[0]
    member.merged_into, member.merged_at = None, None
    member.save(update_fields=["merged_into", "merged_at"])
    sums.take_out_of(above, member)
    changes = {"merged_into": [target.number, None]}
    audit.record(actor, "issue.unmerge", member, project_id=member.project_id, changes=changes)
    _reopen_if_it_came_back(member)
    note_activity(
        actor,
        member.pk,
        ActivityKind.UNMERGED,
        f"Unmerged from #{target.number} {target.title}",
        now=now,
        undo_token=undo_token or uuid4(),
        undo={"merge_into": target.pk},
    )
    text = f"#{member.number} {member.title} unmerged, {member.event_count:,} events"
    note_activity(actor, target.pk, ActivityKind.UNMERGED, text, now=now)
    tell_watchers(member)
    return Issue.objects.select_related("project").get(pk=member.pk)


def _lock(issues: Sequence[Issue]) -> dict[int, Issue]:
    rows = Issue.objects.select_for_update(no_key=True).filter(pk__in=[each.pk for each in issues]).order_by("pk")
    return {row.pk: row for row in rows}


def _lock_above(member: Issue) -> list[Issue]:
    above = issues_above(member)
    locked = _lock(above)
    return [locked[each.pk] for each in above]


def _check_roots(member: Issue, target: Issue) -> None:
    for each, field in ((member, "issues"), (target, "into")):
        if each.merged_into_id is not None:
            raise Conflict(f"#{each.number} is merged already", errors={field: ["unmerge it first"]})
    if len(family_ids(member)) + len(family_ids(target)) > LARGEST_FAMILY:
        raise Conflict(f"more than {LARGEST_FAMILY} issues in one", errors={"issues": ["a fingerprint rule may do it"]})


def _reopen_if_it_came_back(member: Issue) -> None:
    """Ask of the newest stored event what digesting asks of each: whether the fault is back."""
    events = Event.objects.filter(issue=member.pk, is_simulated=False).select_related("release")
    event = events.order_by("-timestamp", "-pk").first()
    if member.state != IssueState.RESOLVED or member.resolved_at is None or event is None:
        return
    resolution = Resolution(member.resolved_at, _order(member.resolved_in_release), member.resolves_in_next_release)
    if is_regression(resolution, received_at=event.received_at, release=_order(event.release)):
        Issue.objects.filter(pk=member.pk).update(state=IssueState.UNRESOLVED, is_regressed=True, **NO_RESOLUTION)


def _order(release: Release | None) -> ReleaseOrder | None:
    return ReleaseOrder(release.version, release.order_key, release.first_seen_at) if release else None
