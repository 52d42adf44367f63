"""What the page of an issue shows for triage: whose it is, what can be done, what was done, what looks alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q

from tradewatch.core.actors import Actor
from tradewatch.dashboard.document.budget import Budget
from tradewatch.errors.activity import activity_of, is_by
from tradewatch.errors.choices import ActivityKind, IssuePriority
from tradewatch.errors.insights import members_of, similar_issues
from tradewatch.errors.models import Activity, Bookmark, Issue
from tradewatch.projects.models import Team
from tradewatch.projects.sightings import newest_release

MOST_PEOPLE, MOST_TEAMS = 40, 20
MAX_ENTRIES = 60
NOTES_BYTES = 70_000
_STYLES = {
    ActivityKind.RESOLVED: "t-ok",
    ActivityKind.REGRESSED: "t-critical",
    ActivityKind.NOTE: "t-info",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the activity. `is_own_note`: the reader may change it."""

    row: Activity
    text: str
    style: str
    is_note: bool
    is_own_note: bool


def triage_context(issue: Issue, actor: Actor, *, may_act: bool) -> dict[str, Any]:
    """Return what the head of every tab needs. People and teams are read only for who may assign."""
    team = issue.assigned_team
    person = issue.assignee
    return {
        "assignee_name": team.name if team else person.get_username() if person else "",
        "is_bookmarked": actor.id is not None and Bookmark.objects.filter(issue=issue, user=actor.id).exists(),
        "priorities": IssuePriority.choices,
        **(_choices(issue) if may_act else {}),
    }


def activity_context(issue: Issue, actor: Actor) -> dict[str, Any]:
    rows = list(activity_of(issue)[: MAX_ENTRIES + 1])
    room = Budget(NOTES_BYTES)
    entries = [entry for entry in (_entry(row, actor) for row in rows[:MAX_ENTRIES]) if room.takes(entry.text * 2)]
    return {"entries": entries, "entries_left_out": len(rows) - len(entries)}


def similar_context(issue: Issue) -> dict[str, Any]:
    return {
        "similar": similar_issues(issue) if issue.merged_into_id is None else [],
        "members": list(members_of(issue))[:50] if issue.has_members else [],
    }


def _choices(issue: Issue) -> Mapping[str, Any]:
    newest = newest_release(issue.project_id)
    return {
        "people": people_of(issue.project_id),
        "teams": teams_of(issue.project_id),
        "newest_version": newest.order.version if newest else "",
    }


def people_of(project_id: int) -> Sequence[User]:
    may_see = Q(memberships__project=project_id) | Q(is_superuser=True)
    people = User.objects.filter(may_see, is_active=True, is_staff=True).distinct().order_by("username")
    return list(people.only("username")[:MOST_PEOPLE])


def teams_of(project_id: int) -> Sequence[Team]:
    """Return teams of which somebody may see the project."""
    may_see = Q(members__memberships__project=project_id) | Q(members__is_superuser=True)
    return list(Team.objects.filter(may_see, members__is_active=True, members__is_staff=True).distinct()[:MOST_TEAMS])


def _entry(row: Activity, actor: Actor) -> Entry:
    is_note = row.kind == ActivityKind.NOTE
    return Entry(row, row.text, _STYLES.get(ActivityKind(row.kind), ""), is_note, is_note and is_by(actor, row))
