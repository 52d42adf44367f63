"""Who may do what. Services call `require` first; nothing else in TradeWatch decides on rights."""

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils import timezone

from tradewatch.core.actors import Actor
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


def may(actor: Actor, project_id: int, role: Role, *, scope: Scope) -> bool:
    match actor.kind:
        case "system":
            return True
        case "user":
            return _user_may(actor.id, project_id, role)
        case "token":
            return _token_may(actor.id, project_id, scope)


def visible_projects(actor: Actor) -> QuerySet[Project]:
    """Return the projects whose data the actor may see."""
    match actor.kind:
        case "system":
            return Project.objects.all()
        case "token":
            bound = Project.objects.filter(apitoken=actor.id)
            return bound if bound.exists() else Project.objects.all()
        case "user":
            if _is_superuser(actor.id):
                return Project.objects.all()
            return Project.objects.filter(memberships__user=actor.id)


def active_tokens() -> QuerySet[ApiToken]:
    """Return tokens neither revoked nor expired."""
    return ApiToken.objects.filter(revoked_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def covers(scopes: list[str], scope: Scope) -> bool:
    """Return whether a token's `scopes` include `scope`: by name, by `*`, or a read by the same area's write."""
    area, _, verb = scope.partition(":")
    return scope in scopes or Scope.ALL in scopes or (verb == "read" and f"{area}:write" in scopes)


def _user_may(user_id: int | None, project_id: int, role: Role) -> bool:
    if _is_superuser(user_id):
        return True
    held = (
        Membership.objects.filter(user=user_id, project=project_id, user__is_active=True)
        .values_list("role", flat=True)
        .first()
    )
    return held is not None and _RANK[Role(held)] >= _RANK[role]


def _token_may(token_id: int | None, project_id: int, scope: Scope) -> bool:
    token = active_tokens().filter(pk=token_id).first()
    if token is None or not covers(token.scopes, scope):
        return False
    bound = set(token.projects.values_list("id", flat=True))
    return not bound or project_id in bound


def _is_superuser(user_id: int | None) -> bool:
    return get_user_model().objects.filter(pk=user_id, is_active=True, is_superuser=True).exists()
