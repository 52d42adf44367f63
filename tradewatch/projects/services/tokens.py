import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.projects import access
from tradewatch.projects.authentication import secret_digest
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import ApiToken, Project

SECRET_PREFIX = "tw_"  # noqa: S105  # lets secret scanners recognise what leaked
SHOWN_CHARACTERS = 8


@transaction.atomic
def issue_token(
    actor: Actor,
    *,
    name: str,
    scopes: Sequence[str],
    projects: Sequence[Project] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Return a new token and its secret, which nobody can read again. No `projects`: it reaches all of them.

    Raises `Invalid` (name, scopes, expires_at) and `NotAllowed`: a token cannot grant what it does not hold.
    """
    _check_token(name, scopes, expires_at)
    _require_reach(actor, projects)
    if not access.may_grant(actor, [Scope(scope) for scope in scopes]):
        raise NotAllowed("a token cannot grant scopes that it does not hold")
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name,
        prefix=secret[:SHOWN_CHARACTERS],
        digest=secret_digest(secret),
        scopes=sorted(set(scopes)),
        is_bound=bool(projects),
        created_by_id=actor.id if actor.kind == "user" else None,
        expires_at=expires_at,
    )
    token.projects.set(projects)
    _note(actor, "token.issue", token, {"scopes": [None, token.scopes], "expires_at": [None, expires_at]})
    return token, secret


@transaction.atomic
def revoke_token(actor: Actor, token: ApiToken) -> ApiToken:
    """Refuse the token from now on. Again: unchanged."""
    _require_reach(actor, list(token.projects.all()) if access.is_bound(token) else [])
    now = timezone.now()
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        _note(actor, "token.revoke", token, {"revoked_at": [None, now]})
    token.refresh_from_db(fields=["revoked_at"])
    return token


def _require_reach(actor: Actor, projects: Sequence[Project]) -> None:
    """A manager decides on tokens of their projects; one that reaches every project takes a superuser."""
    for project in projects:
        access.require(actor, project.pk, Role.MANAGER, scope=Scope.ADMIN)
    if not projects:
        access.require_everywhere(actor, scope=Scope.ADMIN)


def _check_token(name: str, scopes: Sequence[str], expires_at: datetime | None) -> None:
    errors: dict[str, list[str]] = {}
    if not name.strip() or len(name) > 100:
        errors["name"] = ["1 to 100 characters"]
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        errors["scopes"] = [f"unknown: {', '.join(unknown)}" if unknown else "at least one"]
    if expires_at is not None and expires_at <= timezone.now():
        errors["expires_at"] = ["must lie ahead"]
    if errors:
        raise Invalid("bad token", errors=errors)


def _note(actor: Actor, action: str, token: ApiToken, changes: dict[str, list[object]]) -> None:
    bound = list(token.projects.values_list("id", flat=True))
    audit.record(
        actor,
        action,
        token,
        project_id=bound[0] if len(bound) == 1 else None,
        changes={**changes, "projects": [None, bound]} if action == "token.issue" else changes,
    )
