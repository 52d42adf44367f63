"""The whole matrix: who (role, superuser, outsider, inactive, token by scope and projects) may do and see what."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.projects.builders import make_project, make_token, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import NotAllowed
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Membership

pytestmark = pytest.mark.django_db
ROLES = [Role.VIEWER, Role.RESPONDER, Role.MANAGER]


def person(user) -> Actor:
    return Actor(kind="user", id=user.pk, label=user.username)


def bearer_of(token) -> Actor:
    return Actor(kind="token", id=token.pk, label=token.name)


def may_as(actor: Actor, project) -> list[Role]:
    return [role for role in ROLES if access.may(actor, project.pk, role, scope=Scope.ERRORS_WRITE)]


@pytest.mark.parametrize(
    ("account", "own", "other", "everywhere"),
    [
        ({"role": Role.VIEWER}, ROLES[:1], [], False),
        ({"role": Role.RESPONDER}, ROLES[:2], [], False),
        ({"role": Role.MANAGER}, ROLES, [], False),
        ({}, [], [], False),  # an outsider
        ({"is_superuser": True}, ROLES, ROLES, True),
        ({"role": Role.MANAGER, "is_active": False}, [], [], False),
        ({"role": Role.MANAGER, "is_staff": False}, [], [], False),
        ({"is_superuser": True, "is_active": False}, [], [], False),
        ({"is_superuser": True, "is_staff": False}, [], [], False),
    ],
)
def test_a_person_acts_by_role(account: dict, own: list[Role], other: list[Role], everywhere: bool) -> None:
    mine, theirs = make_project("mine"), make_project("theirs")
    actor = person(make_user("ann", project=mine, **account))
    assert may_as(actor, mine) == own
    assert may_as(actor, theirs) == other
    assert access.may_everywhere(actor, scope=Scope.ADMIN) is everywhere
    seen = {project.slug for project in access.visible_projects(actor)}
    assert seen == {name for name, roles in (("mine", own), ("theirs", other)) if roles}


AREAS = ["errors", "performance", "alerts", "releases", "sla", "debug"]


@pytest.mark.parametrize("needed", [scope for scope in Scope if scope is not Scope.ALL])
@pytest.mark.parametrize("held", list(Scope))
def test_a_scope_covers_itself_its_areas_read_and_nothing_else(held: Scope, needed: Scope) -> None:
    is_read_of_same_area = needed.value == held.value.replace(":write", ":read")
    assert access.covers([held.value], needed) == (held in (needed, Scope.ALL) or is_read_of_same_area)


def test_a_token_without_scopes_may_nothing() -> None:
    assert not any(access.covers([], scope) for scope in Scope)


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [(["errors:write"], True), (["*"], True), (["errors:read"], False), (["alerts:write", "admin"], False)],
)
def test_a_token_acts_by_scope_in_its_projects(scopes: list[str], allowed: bool) -> None:
    mine, theirs = make_project("mine"), make_project("theirs")
    bound = bearer_of(make_token(*scopes, projects=[mine])[0])
    assert bool(may_as(bound, mine)) is allowed
    assert may_as(bound, theirs) == []
    assert [project.slug for project in access.visible_projects(bound)] == ["mine"]
    free = bearer_of(make_token(*scopes)[0])
    assert bool(may_as(free, theirs)) is allowed
    assert access.visible_projects(free).count() == 2


@pytest.mark.parametrize("state", ["expires_at", "revoked_at"])
def test_an_expired_or_revoked_token_may_and_sees_nothing(state: str) -> None:
    project = make_project()
    token, _ = make_token("*", **{state: timezone.now() - timedelta(seconds=1)})
    assert may_as(bearer_of(token), project) == []
    assert not access.may_everywhere(bearer_of(token), scope=Scope.ADMIN)
    assert not access.visible_projects(bearer_of(token)).exists()


def test_everywhere_takes_a_token_that_is_bound_to_none() -> None:
    project = make_project()
    assert access.may_everywhere(bearer_of(make_token("admin")[0]), scope=Scope.ADMIN)
    assert not access.may_everywhere(bearer_of(make_token("errors:write")[0]), scope=Scope.ADMIN)
    assert not access.may_everywhere(bearer_of(make_token("*", projects=[project])[0]), scope=Scope.ADMIN)


def test_a_bound_token_stays_bound_when_its_last_project_is_deleted() -> None:
    gone, other = make_project("gone"), make_project("other")
    token, _ = make_token("*", projects=[gone], is_bound=True)
    gone.delete()
    assert may_as(bearer_of(token), other) == []
    assert not access.visible_projects(bearer_of(token)).exists()


def test_the_system_may_everything_and_an_unknown_actor_nothing() -> None:
    project = make_project()
    assert may_as(SYSTEM, project) == ROLES
    assert access.may_everywhere(SYSTEM, scope=Scope.ADMIN)
    for kind in ("user", "token"):
        for missing in (None, 999):
            assert may_as(Actor(kind=kind, id=missing, label="?"), project) == []


def test_require_says_what_is_missing() -> None:
    project = make_project()
    with pytest.raises(NotAllowed, match="role manager"):
        access.require(person(make_user("ann")), project.pk, Role.MANAGER, scope=Scope.ADMIN)
    with pytest.raises(NotAllowed, match="scope admin"):
        access.require(bearer_of(make_token("errors:read")[0]), project.pk, Role.MANAGER, scope=Scope.ADMIN)
    with pytest.raises(NotAllowed, match="superuser"):
        access.require_everywhere(person(make_user("bob", role=Role.MANAGER)), scope=Scope.ADMIN)


def test_a_lost_membership_counts_at_once() -> None:
    project = make_project()
    actor = person(make_user("ann", role=Role.MANAGER))
    assert may_as(actor, project) == ROLES
    Membership.objects.all().delete()
    assert may_as(actor, project) == []
