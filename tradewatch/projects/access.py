"""Who may do what. Services call `require` first; nothing else in TradeWatch decides on rights.

A person acts by the role of their membership, a superuser everywhere; both need an active account with the staff flag.
A token acts by its scopes, in the projects it is bound to.
"""

from collections.abc import Collection, Iterable

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils import timezone

from tradewatch.core.actors import Actor, Grant
from tradewatch.core.faults import NotAllowed
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import ApiToken, Membership, Project

_RANK = {Role.VIEWER: 0, Role.RESPONDER: 1, Role.MANAGER: 2}


def require(actor: Actor, project_id: int, role: Role, *, scope: Scope) -> None:
    """Raise `NotAllowed` unless `actor` may act in the project: a user by role, a token by `scope` and its projects."""
    if not may(actor, project_id, role, scope=scope):
        raise NotAllowed(
            f"needs the role {role} in this project" if actor.kind == "user" else f"needs the scope {scope}"
        )


def require_everywhere(actor: Actor, *, scope: Scope) -> None:
    """Raise `NotAllowed` unless `actor` may act in all projects: a superuser, or a token bound to none."""
    if not may_everywhere(actor, scope=scope):
        raise NotAllowed(
            "needs a superuser" if actor.kind == "user" else f"needs the scope {scope}, not bound to projects"
        )


def may(actor: Actor, project_id: int, role: Role, *, scope: Scope) -> bool:
    match actor.kind:
        case "system":
            return True
        case "user":
            return _user_may(actor.id, project_id, role)
        case "token":
            grant = _grant(actor)
            return grant is not None and covers(grant.scopes, scope) and _reaches(grant, project_id)


def may_everywhere(actor: Actor, *, scope: Scope) -> bool:
    match actor.kind:
        case "system":
            return True
        case "user":
            return _is_superuser(actor.id)
        case "token":
            grant = _grant(actor)
            return grant is not None and covers(grant.scopes, scope) and grant.project_ids is None


def may_grant(actor: Actor, scopes: Iterable[Scope]) -> bool:
    """Return whether `actor` may hand out `scopes`: a token no more than it holds itself."""
    if actor.kind != "token":
        return True
    grant = _grant(actor)
    return grant is not None and all(covers(grant.scopes, scope) for scope in scopes)


def visible_projects(actor: Actor) -> QuerySet[Project]:
    """Return the projects whose data the actor may see."""
    match actor.kind:
        case "system":
            return Project.objects.all()
        case "token":
            grant = _grant(actor)
            if grant is None:
                return Project.objects.none()
            all_projects = Project.objects.all()
            return all_projects if grant.project_ids is None else all_projects.filter(pk__in=grant.project_ids)
        case "user":
            if _is_superuser(actor.id):
                return Project.objects.all()
            return Project.objects.filter(
                memberships__user=actor.id, memberships__user__is_active=True, memberships__user__is_staff=True
            )


def active_tokens() -> QuerySet[ApiToken]:
    """Return tokens neither revoked nor expired."""
    return ApiToken.objects.filter(revoked_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def covers(scopes: Collection[str], scope: Scope) -> bool:
    """Return whether a token's `scopes` include `scope`: by name, by `*`, or a read by the same area's write."""
    area, _, verb = scope.partition(":")
    return scope in scopes or Scope.ALL in scopes or (verb == "read" and f"{area}:write" in scopes)


def is_bound(token: ApiToken) -> bool:
    """Return whether the token reaches its projects alone; it stays so when the last of them is deleted."""
    return token.is_bound or token.projects.exists()


def grant_of(token: ApiToken) -> Grant:
    project_ids = frozenset(token.projects.values_list("pk", flat=True))
    return Grant(tuple(token.scopes), project_ids if token.is_bound or project_ids else None)


def _grant(actor: Actor) -> Grant | None:
    """Return what the token may; None: it is revoked, expired or unknown."""
    if actor.grant is not None:
        return actor.grant
    token = active_tokens().filter(pk=actor.id or 0).first()
    return None if token is None else grant_of(token)


def _reaches(grant: Grant, project_id: int) -> bool:
    return grant.project_ids is None or project_id in grant.project_ids


def _user_may(user_id: int | None, project_id: int, role: Role) -> bool:
    if _is_superuser(user_id):
        return True
    held = (
        Membership.objects.filter(user=user_id, project=project_id, user__is_active=True, user__is_staff=True)
        .values_list("role", flat=True)
        .first()
    )
    return held is not None and _RANK[Role(held)] >= _RANK[role]


def _is_superuser(user_id: int | None) -> bool:
    return get_user_model().objects.filter(pk=user_id or 0, is_active=True, is_staff=True, is_superuser=True).exists()
