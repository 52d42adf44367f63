from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from tests.projects.builders import make_project, make_token, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.projects import services
from tradewatch.projects.authentication import token_of
from tradewatch.projects.choices import Role
from tradewatch.projects.config import project_configs
from tradewatch.projects.models import ApiToken, Membership, Project, ProjectKey

pytestmark = pytest.mark.django_db


def person(user: User) -> Actor:
    return Actor(kind="user", id=user.pk, label=user.username, address="192.0.2.7")


def audited() -> list[tuple[str, str]]:
    return [(entry.actor_label, entry.action) for entry in AuditEntry.objects.order_by("id")]


# --- projects and keys -----------------------------------------------------------------------------------------
def test_a_new_project_has_a_key_that_the_edge_knows_at_once() -> None:
    project_configs()
    project = services.create_project(SYSTEM, name="Order Desk")
    key = project.keys.get()
    assert project.slug == "order-desk"
    assert key.public_key in project_configs()[project.pk].keys
    assert audited() == [("TradeWatch", "project.create"), ("TradeWatch", "key.create")]


def test_a_revoked_key_is_refused_at_once_and_revoking_again_changes_nothing() -> None:
    project = services.create_project(SYSTEM, name="Desk")
    manager = person(make_user("ann", role=Role.MANAGER, project=project))
    second = services.create_key(manager, project, label="spare")
    first_answer = services.revoke_key(manager, second).revoked_at
    assert services.revoke_key(manager, second).revoked_at == first_answer
    assert second.public_key not in project_configs()[project.pk].keys
    assert audited()[2:] == [("ann", "key.create"), ("ann", "key.revoke")]
    assert AuditEntry.objects.filter(action="key.revoke", address="192.0.2.7", project_id=project.pk).count() == 1


@pytest.mark.parametrize(
    ("name", "slug", "field"),
    [("", "", "name"), ("x" * 101, "", "name"), ("!!!", "", "slug"), ("A", "12", "slug"), ("A", "a b", "slug")],
)
def test_a_bad_project_names_its_field(name: str, slug: str, field: str) -> None:
    with pytest.raises(Invalid) as fault:
        services.create_project(SYSTEM, name=name, slug=slug)
    assert list(fault.value.errors) == [field]


def test_a_taken_slug_is_a_conflict_and_leaves_nothing() -> None:
    services.create_project(SYSTEM, name="Desk")
    with pytest.raises(Conflict):
        services.create_project(SYSTEM, name="Other", slug="desk")
    assert (Project.objects.count(), ProjectKey.objects.count(), len(audited())) == (1, 1, 2)


# --- members ---------------------------------------------------------------------------------------------------
def groups_of(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def test_a_members_way_through_roles_moves_the_admin_groups_and_the_trail() -> None:
    project, other = make_project("one"), make_project("two")
    manager, ann = person(make_user("mia", role=Role.MANAGER, project=project)), make_user("ann")
    Group.objects.get_or_create(name="unrelated")[0].user_set.add(ann)
    membership = services.add_member(manager, project, ann, Role.VIEWER)
    assert groups_of(ann) == {"viewer", "unrelated"}
    services.add_member(SYSTEM, other, ann, Role.RESPONDER)
    services.change_role(manager, membership, Role.MANAGER)
    assert groups_of(ann) == {"manager", "responder", "unrelated"}
    services.remove_member(manager, membership)
    assert groups_of(ann) == {"responder", "unrelated"}
    entries = list(AuditEntry.objects.filter(project_id=project.pk).order_by("id").values_list("action", "changes"))
    assert entries == [
        ("member.add", {"role": [None, "viewer"]}),
        ("member.change_role", {"role": ["viewer", "manager"]}),
        ("member.remove", {"role": ["manager", None]}),
    ]


def test_the_same_role_again_is_no_change() -> None:
    membership = services.add_member(SYSTEM, make_project(), make_user("ann"), Role.VIEWER)
    services.change_role(SYSTEM, membership, Role.VIEWER)
    assert [action for _, action in audited()] == ["member.add"]


@pytest.mark.parametrize(
    ("account", "role"), [({"is_staff": False}, "viewer"), ({"is_active": False}, "viewer"), ({}, "boss")]
)
def test_a_bad_member_is_refused(account: dict[str, bool], role: str) -> None:
    with pytest.raises(Invalid):
        services.add_member(SYSTEM, make_project(), make_user("ann", **account), role)
    assert not Membership.objects.exists()


def test_a_member_twice_is_a_conflict() -> None:
    ann = make_user("ann", role=Role.VIEWER)
    with pytest.raises(Conflict):
        services.add_member(SYSTEM, make_project(), ann, Role.MANAGER)
    assert Membership.objects.get().role == Role.VIEWER


# --- tokens ------------------------------------------------------------------------------------------------------
def test_a_tokens_secret_is_returned_once_and_stored_nowhere() -> None:
    token, secret = services.issue_token(SYSTEM, name="ci", scopes=["errors:read", "errors:read"])
    assert secret.startswith("tw_") and len(secret) > 40
    assert token_of(secret) == token
    row = ApiToken.objects.values().get()
    assert secret not in str(row) and row["scopes"] == ["errors:read"] and secret.startswith(row["prefix"])
    assert secret not in str(list(AuditEntry.objects.values())) and row["digest"] not in str(
        list(AuditEntry.objects.values())
    )


def test_revoking_ends_a_token_at_once() -> None:
    token, secret = services.issue_token(SYSTEM, name="ci", scopes=["*"])
    services.revoke_token(SYSTEM, token)
    services.revoke_token(SYSTEM, token)
    assert token_of(secret) is None
    assert [action for _, action in audited()] == ["token.issue", "token.revoke"]


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["errors:read", "rule:world"]}, "scopes"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_a_bad_token_names_its_field(fields: dict, at_fault: str) -> None:
    with pytest.raises(Invalid) as fault:
        services.issue_token(SYSTEM, **{"name": "ci", "scopes": ["*"], **fields})
    assert list(fault.value.errors) == [at_fault]


def test_a_manager_issues_tokens_for_their_projects_only() -> None:
    mine, theirs = make_project("mine"), make_project("theirs")
    manager = person(make_user("mia", role=Role.MANAGER, project=mine))
    token, _ = services.issue_token(manager, name="ci", scopes=["errors:read"], projects=[mine])
    assert token.is_bound and token.created_by_id == manager.id
    for projects in ([], [theirs], [mine, theirs]):
        with pytest.raises(NotAllowed):
            services.issue_token(manager, name="ci", scopes=["errors:read"], projects=projects)
    everywhere, _ = make_token("*")
    with pytest.raises(NotAllowed):
        services.revoke_token(manager, everywhere)


def test_a_token_cannot_grant_more_than_it_holds() -> None:
    token, _ = make_token("admin", "errors:write")
    actor = Actor(kind="token", id=token.pk, label="ci")
    services.issue_token(actor, name="less", scopes=["errors:read"])
    for scope in ("*", "alerts:read"):
        with pytest.raises(NotAllowed):
            services.issue_token(actor, name="more", scopes=["errors:read", scope])


# --- who may do any of this ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.RESPONDER])
def test_below_manager_nothing_of_this_is_allowed_and_nothing_is_written(role: Role | None) -> None:
    project = make_project()
    key = ProjectKey.objects.create(project=project, public_key="a" * 32)
    membership = Membership.objects.create(project=project, user=make_user("victim"), role=Role.VIEWER)
    token, _ = make_token("*", projects=[project])
    actor = person(make_user("ann", role=role))
    attempts = [
        lambda: services.create_project(actor, name="New"),
        lambda: services.create_key(actor, project, label="x"),
        lambda: services.revoke_key(actor, key),
        lambda: services.add_member(actor, project, make_user("bob"), Role.VIEWER),
        lambda: services.change_role(actor, membership, Role.MANAGER),
        lambda: services.remove_member(actor, membership),
        lambda: services.issue_token(actor, name="x", scopes=["*"], projects=[project]),
        lambda: services.revoke_token(actor, token),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert audited() == []


def test_the_groups_of_the_migration_grow_from_role_to_role() -> None:
    held = {
        name: set(Group.objects.get(name=name).permissions.values_list("content_type__app_label", "codename"))
        for name in Role.values
    }
    assert held["viewer"] < held["responder"] < held["manager"]
    assert ("errors", "view_issue") in held["viewer"]
    assert not any(codename.startswith(("add_", "change_", "delete_")) for _, codename in held["viewer"])
    assert ("alerts", "change_alert") in held["responder"]
    assert ("core", "view_auditentry") in held["manager"] and ("core", "change_auditentry") not in held["manager"]


def test_a_manager_sets_how_long_a_project_keeps_things_and_the_trail_says_so() -> None:
    project = make_project()
    manager = person(make_user("mia", role=Role.MANAGER, project=project))
    project.event_days, project.event_budget_mb = 14, 200
    services.update_project(manager, project, fields=["event_days", "event_budget_mb"])
    project.refresh_from_db()
    assert (project.event_days, project.event_budget_mb) == (14, 200)
    changes = AuditEntry.objects.get(action="project.change").changes
    assert changes == {"event_days": [None, 14], "event_budget_mb": [None, 200]}
    with pytest.raises(NotAllowed):
        services.update_project(
            person(make_user("bob", role=Role.RESPONDER, project=project)), project, fields=["event_days"]
        )


@pytest.mark.parametrize(("field", "value"), [("log_days", 0), ("trace_days", 3651), ("event_budget_mb", 0)])
def test_days_and_budgets_without_sense_are_refused_by_name(field: str, value: int) -> None:
    project = make_project()
    setattr(project, field, value)
    with pytest.raises(Invalid) as refused:
        services.update_project(SYSTEM, project, fields=[field])
    assert set(refused.value.errors) == {field}
