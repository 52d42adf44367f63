"""Whose an issue is, and how soon it should be taken up."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.errors.choices import ActivityKind, IssuePriority
from tradewatch.errors.models import Issue
from tradewatch.errors.priorities import priority_of
from tradewatch.errors.services.changing import change, locked_issue
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Team


@transaction.atomic
def assign_issue(actor: Actor, issue: Issue, to: User | Team | None, *, undo_token: UUID | None = None) -> Issue:
    """Give the issue to a person or a team who may see its project, or to nobody (None). Again: unchanged.

    Raises `NotAllowed`, `Invalid` (they may not see the project), `Conflict` (merged).
    """
    issue = locked_issue(actor, issue)
    if to is not None and not may_be_assigned(to, issue.project_id):
        raise Invalid("cannot be assigned", errors={"assignee": [f"{to} may not see this project"]})
    person, team = (to if isinstance(to, User) else None), (to if isinstance(to, Team) else None)
    if (issue.assignee, issue.assigned_team) == (person, team):
        return issue
    return change(
        actor,
        issue,
        {"assignee": person, "assigned_team": team},
        action="issue.assign",
        kind=ActivityKind.ASSIGNED,
        text=_assigned_words(actor, person, team),
        now=timezone.now(),
        undo_token=undo_token,
    )


@transaction.atomic
def set_priority(actor: Actor, issue: Issue, priority: str | None, *, undo_token: UUID | None = None) -> Issue:
    """Set the priority as the actor's word; None: computed again from here on. Again: unchanged.

    Raises `NotAllowed`, `Invalid` (no such priority), `Conflict` (merged).
    """
    if priority is not None and priority not in IssuePriority.values:
        expected = ", ".join(IssuePriority.values)
        raise Invalid("bad priority", errors={"priority": [f"expected one of {expected}, or null to compute it"]})
    issue = locked_issue(actor, issue)
    if priority is None:
        computed = priority_of(issue.severity, issue.category, is_regressed=issue.is_regressed, users=issue.user_count)
        values = {"priority": computed.value, "priority_why": computed.why, "priority_by": ""}
    else:
        values = {"priority": priority, "priority_why": f"set by {actor.label}"[:250], "priority_by": actor.label[:200]}
    if all(getattr(issue, name) == value for name, value in values.items()):
        return issue
    text = f"Priority {values['priority']}" + (f", computed: {values['priority_why']}" if priority is None else "")
    return change(
        actor,
        issue,
        values,
        action="issue.set_priority",
        kind=ActivityKind.PRIORITY,
        text=text,
        now=timezone.now(),
        undo_token=undo_token,
    )


def may_be_assigned(to: User | Team, project_id: int) -> bool:
    """Return whether a person, or anybody of a team, may see the project."""
    people = [to] if isinstance(to, User) else list(to.members.all())
    return any(
        access.may(Actor("user", person.pk, person.get_username()), project_id, Role.VIEWER, scope=Scope.ERRORS_READ)
        for person in people
    )


def _assigned_words(actor: Actor, person: User | None, team: Team | None) -> str:
    if team is not None:
        return f"Assigned to the team {team.name}"
    if person is None:
        return "Assigned to nobody"
    return "Taken" if (actor.kind, actor.id) == ("user", person.pk) else f"Assigned to {person.get_username()}"
