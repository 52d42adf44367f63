"""What people change in the admin goes through the services: roles hold, the trail is written."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from alerts.choices import AlertState
from alerts.models import AlertRule
from tests.admin.builders import make_alert, make_issue, make_person, make_project
from tradewatch.core.models import AuditEntry
from tradewatch.errors.choices import ErrorCategory, IssueState
from tradewatch.errors.models import ClassificationRule, Issue
from tradewatch.projects.choices import Role
from tradewatch.projects.models import ApiToken, Membership, Project, ProjectKey

pytestmark = pytest.mark.django_db


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def superuser() -> Client:
    return logged_in(User.objects.create_superuser("chief", "chief@desk.example", "pass word 1"))


def run_action(client: Client, model: str, action: str, *ids: int):  # type: ignore[no-untyped-def]
    url = reverse(f"admin:{model}_changelist")
    return client.post(url, {"action": action, "_selected_action": ids}, follow=True)


def act(client: Client, name: str, *ids: int, **fields: str):  # type: ignore[no-untyped-def]
    """Fill in the form that an action of the issue list leads to."""
    url = reverse("admin:errors_issue_act", args=[name])
    return client.post(url, {"ids": ",".join(map(str, ids)), **fields}, follow=True)


@pytest.mark.parametrize(
    ("role", "state"), [(Role.VIEWER, "unresolved"), (Role.RESPONDER, "resolved"), (Role.MANAGER, "resolved")]
)
def test_only_responders_resolve_issues(role: Role, state: str) -> None:
    project = make_project()
    issue = make_issue(project)
    act(logged_in(make_person("mara", role, project)), "resolve", issue.pk, how="now")
    issue.refresh_from_db()
    assert issue.state == state
    assert AuditEntry.objects.filter(actor_label="mara", object_id=str(issue.pk)).exists() is (state == "resolved")


def test_issues_are_ignored_and_reopened() -> None:
    client, issue = superuser(), make_issue(make_project())
    act(client, "ignore", issue.pk)
    assert Issue.objects.get().state == IssueState.IGNORED
    act(client, "reopen", issue.pk)
    assert Issue.objects.get().state == IssueState.UNRESOLVED


def test_a_responder_of_one_project_cannot_act_on_another() -> None:
    ours, theirs = make_project("ours"), make_project("theirs")
    issue = make_issue(theirs)
    act(logged_in(make_person("mara", Role.RESPONDER, ours)), "resolve", issue.pk, how="now")
    issue.refresh_from_db()
    assert issue.state == IssueState.UNRESOLVED


def test_alerts_are_acknowledged_then_resolved() -> None:
    project = make_project()
    alert = make_alert(project)
    client = logged_in(make_person("mara", Role.RESPONDER, project))
    run_action(client, "alerts_alert", "acknowledge", alert.pk)
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by) == (AlertState.ACKNOWLEDGED, "mara")
    run_action(client, "alerts_alert", "resolve", alert.pk)
    alert.refresh_from_db()
    assert alert.state == AlertState.RESOLVED


def test_a_token_is_shown_once_and_works() -> None:
    client = superuser()
    url = reverse("admin:projects_apitoken_add")
    answer = client.post(url, {"name": "ci", "scopes": ["errors:read"]}, follow=True)
    assert "shown this once: tw_" in answer.content.decode()
    token = ApiToken.objects.get()
    assert (token.name, token.scopes) == ("ci", ["errors:read"])
    secret = answer.content.decode().split("shown this once: ")[1].split()[0].split("<")[0]
    health = Client().get("/error-tracking/status", headers={"Authorization": f"Bearer {secret}"})
    assert health.status_code == 200
    run_action(client, "projects_apitoken", "revoke", token.pk)
    health = Client().get("/error-tracking/status", headers={"Authorization": f"Bearer {secret}"})
    assert health.status_code == 401


def test_a_bad_token_is_refused_beside_its_field() -> None:
    answer = superuser().post(reverse("admin:projects_apitoken_add"), {"name": "ci"})
    assert answer.status_code == 200
    assert "required" in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_manager_cannot_issue_a_token_for_all_projects() -> None:
    project = make_project()
    client = logged_in(make_person("mara", Role.MANAGER, project))
    client.post(reverse("admin:projects_apitoken_add"), {"name": "ci", "scopes": ["errors:read"]})
    assert not ApiToken.objects.exists()
    fields = {"name": "ci", "scopes": ["errors:read"], "projects": [project.pk]}
    client.post(reverse("admin:projects_apitoken_add"), fields)
    assert list(ApiToken.objects.get().projects.all()) == [project]


def test_a_key_is_made_and_revoked() -> None:
    client, project = superuser(), make_project()
    client.post(reverse("admin:projects_projectkey_add"), {"project": project.pk, "label": "second"})
    key = ProjectKey.objects.get(label="second")
    assert len(key.public_key) == 32
    run_action(client, "projects_projectkey", "revoke", key.pk)
    key.refresh_from_db()
    assert key.revoked_at is not None


def project_form(**changes: object) -> dict[str, object]:
    inlines = {
        f"{prefix}-{name}": value
        for prefix in ("memberships", "keys")
        for name, value in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0))
    }
    return {"name": "Desk", "slug": "desk", "scrub_fields": "[]", **inlines, **changes}


def test_a_new_project_has_a_key() -> None:
    superuser().post(reverse("admin:projects_project_add"), project_form())
    project = Project.objects.get(slug="desk")
    assert project.keys.count() == 1
    assert AuditEntry.objects.filter(action="project.create").exists()


def test_a_projects_settings_change_with_a_trail() -> None:
    project = make_project()
    url = reverse("admin:projects_project_change", args=[project.pk])
    superuser().post(url, project_form(quota_per_minute=500, scrub_fields='["account_pin"]'))
    project.refresh_from_db()
    assert (project.quota_per_minute, project.scrub_fields) == (500, ["account_pin"])
    entry = AuditEntry.objects.get(action="project.change")
    assert entry.changes["quota_per_minute"] == [None, 500]


def test_a_member_is_added_in_the_project() -> None:
    project, user = make_project(), make_person("tomas")
    row = {"memberships-TOTAL_FORMS": 1, "memberships-0-user": user.pk, "memberships-0-role": "responder"}
    url = reverse("admin:projects_project_change", args=[project.pk])
    superuser().post(url, project_form(**row))
    assert Membership.objects.get().role == Role.RESPONDER
    assert user.groups.filter(name="responder").exists()


@pytest.mark.parametrize("is_shared", [True, False])
def test_managers_change_their_projects_rules_and_not_the_shared_ones(is_shared: bool) -> None:
    project = make_project()
    rule = ClassificationRule.objects.create(
        name="venues", project=None if is_shared else project, module="venue", category=ErrorCategory.NETWORK
    )
    client = logged_in(make_person("mara", Role.MANAGER, project))
    fields = {"name": "venues", "position": 5, "category": "risk", "is_enabled": "on", "module": "venue"}
    if not is_shared:
        fields["project"] = project.pk
    client.post(reverse("admin:errors_classificationrule_change", args=[rule.pk]), fields)
    rule.refresh_from_db()
    assert rule.category == ("network" if is_shared else "risk")
    assert AuditEntry.objects.filter(action="rule.change").exists() is not is_shared


def test_a_manager_cannot_make_a_rule_for_every_project() -> None:
    project = make_project()
    client = logged_in(make_person("mara", Role.MANAGER, project))
    fields = {"name": "all", "position": 5, "category": "risk", "is_enabled": "on"}
    before = ClassificationRule.objects.count()
    assert client.post(reverse("admin:errors_classificationrule_add"), fields).status_code == 403
    assert ClassificationRule.objects.count() == before


def test_alert_rules_are_listed_with_their_last_reason() -> None:
    AlertRule.objects.filter(kind="error_rate").update(last_reason="2.1% of 14,800, above 0.5%")
    page = superuser().get(reverse("admin:alerts_alertrule_changelist")).content.decode()
    assert "2.1% of 14,800, above 0.5%" in page


def test_a_new_person_is_in_the_trail_without_a_value() -> None:
    fields = {
        "username": "nina",
        "password": "long pass word 7",
        "memberships-TOTAL_FORMS": 0,
        "memberships-INITIAL_FORMS": 0,
    }
    superuser().post(reverse("admin:auth_user_add"), fields)
    entry = AuditEntry.objects.get(action="user.create")
    assert "long pass word" not in str(entry.changes)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("scrub_fields", '["exception"]', "part of every event"),
        ("scrub_fields", "[1]", "expected a list of names"),
        ("scrub_fields", "{", "valid JSON"),
        ("name", "", "required"),
    ],
)
def test_a_bad_project_is_refused_beside_its_field(field: str, value: str, fault: str) -> None:
    project = make_project()
    url = reverse("admin:projects_project_change", args=[project.pk])
    answer = superuser().post(url, project_form(**{field: value}))
    assert answer.status_code == 200
    assert fault in answer.content.decode()
    assert not AuditEntry.objects.filter(action="project.change").exists()


def test_a_slug_of_digits_is_refused_beside_its_field() -> None:
    answer = superuser().post(reverse("admin:projects_project_add"), project_form(slug="7"))
    assert answer.status_code == 200
    assert "not digits alone" in answer.content.decode()
