"""Reads: sessions and contexts."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db.models import QuerySet

from debugging.choices import SessionState
from debugging.models import DebugSession, ErrorContext
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Membership


def sessions_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[DebugSession]:
    rows = DebugSession.objects.filter(project_id__in=project_ids)
    rows = rows.select_related("project", "owner", "issue", "issue__project", "event", "context")
    return rows.filter(environment=environment) if environment else rows


def contexts_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[ErrorContext]:
    """Return captured contexts without their documents."""
    rows = ErrorContext.objects.filter(project_id__in=project_ids).select_related("project", "issue").defer("data")
    return rows.filter(environment=environment) if environment else rows


def open_sessions_of_issue(issue_id: int) -> QuerySet[DebugSession]:
    return DebugSession.objects.filter(issue=issue_id, state=SessionState.OPEN).order_by("-opened_at", "-id")


def possible_owners(project_id: int) -> list[User]:
    """Return who may own a session, by name, as far as a menu can name them."""
    members = Membership.objects.filter(project=project_id, role__in=(Role.RESPONDER, Role.MANAGER))
    users = User.objects.filter(is_active=True, is_staff=True, pk__in=members.values("user"))
    return list(users.order_by("username")[:50])
