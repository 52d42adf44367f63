"""Projects, people and tokens for tests, with loud defaults."""

import secrets
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from tradewatch.projects.authentication import secret_digest
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import ApiToken, Membership, Project


def make_project(slug: str = "default", **fields: Any) -> Project:
    project, _ = Project.objects.get_or_create(slug=slug, defaults={"name": slug.title(), **fields})
    return project


def make_user(
    name: str = "ann", *, role: Role | None = None, project: Project | None = None, is_staff: bool = True, **fields: Any
) -> User:
    user = get_user_model().objects.create_user(name, password="pass-of-" + name, is_staff=is_staff, **fields)
    if role is not None:
        Membership.objects.create(user=user, project=project or make_project(), role=role)
    return user


def make_token(*scopes: Scope | str, projects: Sequence[Project] = (), **fields: Any) -> tuple[ApiToken, str]:
    """Return the token and its secret."""
    secret = "tw_" + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=fields.pop("name", "ci"),
        prefix=secret[:10],
        digest=secret_digest(secret),
        scopes=[str(scope) for scope in scopes] or ["*"],
        **fields,
    )
    token.projects.set(projects)
    return token, secret


def bearer(*scopes: Scope | str, projects: Sequence[Project] = (), **fields: Any) -> dict[str, str]:
    """Return the headers of a request with a new token: `client.get(path, headers=bearer("errors:read"))`."""
    return {"Authorization": f"Bearer {make_token(*scopes, projects=projects, **fields)[1]}"}
