"""People, teams, sessions and second factors, managed in the admin: each change with its trail."""

from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.accounts.builders import give_factor, is_in, log_in
from tests.projects.builders import make_project, make_user
from tradewatch.accounts import reset
from tradewatch.accounts.models import Authenticator, SessionRecord
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Membership, ProjectKey, Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(make_user("chief", is_superuser=True, email="chief@desk.example"))
    return client


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "post", reset._send)


def roles(*rows: tuple[int, str], **kept: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": 0}
    for number, (project, role) in enumerate(rows):
        fields |= {f"memberships-{number}-project": project, f"memberships-{number}-role": role}
    return fields | kept


def act(client: Client, model: str, action: str, *ids: int) -> Any:
    return client.post(reverse(f"admin:{model}_changelist"), {"action": action, "_selected_action": ids}, follow=True)


def trail() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_one_form_invites_a_person_with_their_roles(chief: Client, django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    project = make_project()
    fields = {"username": "nina", "email": "nina@desk.example", **roles((project.pk, "responder"))}
    with django_capture_on_commit_callbacks(execute=True):
        assert chief.post(reverse("admin:auth_user_add"), fields).status_code == 302
    nina = User.objects.get(username="nina")
    assert nina.is_staff and not nina.is_superuser and not nina.has_usable_password()
    assert Membership.objects.get(user=nina).role == Role.RESPONDER
    assert nina.groups.get().name == "responder"
    assert [each.to for each in mail.outbox] == [["nina@desk.example"]]
    assert trail() == ["user.create", "user.invite", "member.add"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"username": "nina"}, "Enter an address for the invitation"),
        ({"username": "nina", "password": "short"}, "too short"),
        ({"username": "chief", "email": "a@b.example"}, "already exists"),
        ({"username": "", "email": "a@b.example"}, "required"),
    ],
)
def test_a_bad_invitation_is_refused_beside_its_field(chief: Client, fields: dict[str, str], fault: str) -> None:
    answer = chief.post(reverse("admin:auth_user_add"), {**fields, **roles()})
    assert answer.status_code == 200 and fault in answer.content.decode()
    assert User.objects.count() == 1


def test_roles_and_rights_change_on_the_persons_page(chief: Client) -> None:
    ann, project = make_user("ann"), make_project()
    url = reverse("admin:auth_user_change", args=[ann.pk])
    assert chief.get(url).status_code == 200
    fields = {"username": "ann", "is_active": "on", "is_staff": "on", "email": "ann@desk.example"}
    assert chief.post(url, {**fields, **roles((project.pk, "viewer"))}).status_code == 302
    assert Membership.objects.get(user=ann).role == Role.VIEWER
    entry = AuditEntry.objects.get(action="user.change")
    assert entry.changes == {"email": ["", "ann@desk.example"]}


def test_nobody_locks_themselves_out(chief: Client) -> None:
    url = reverse("admin:auth_user_change", args=[User.objects.get().pk])
    answer = chief.post(url, {"username": "chief", "is_active": "on", **roles()})
    assert answer.content.decode().count("another superuser&#x27;s to take") == 2
    act(chief, "auth_user", "deactivate", User.objects.get().pk)
    act(chief, "auth_user", "delete_selected", User.objects.get().pk)
    user = User.objects.get()
    assert user.is_active and user.is_superuser and trail() == []


def test_a_person_with_sessions_can_be_deleted_and_stays_in_the_trail(chief: Client) -> None:
    ann = make_user("ann", role=Role.VIEWER)
    here = log_in()
    give_factor(ann)
    url = reverse("admin:auth_user_delete", args=[ann.pk])
    assert "Yes, I" in chief.get(url).content.decode()
    assert chief.post(url, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(username="ann").exists() and not is_in(here)
    assert AuditEntry.objects.get(action="user.delete").object_label == "ann"


def test_a_password_set_by_an_admin_ends_the_persons_sessions(chief: Client) -> None:
    ann = make_user("ann", role=Role.VIEWER)
    here = log_in()
    url = reverse("admin:auth_user_password_change", args=[ann.pk])
    fields = {"password1": "quite new 77", "password2": "quite new 77", "usable_password": "true"}
    assert chief.post(url, fields).status_code == 302
    assert not is_in(here)
    assert trail() == ["user.set_password", "session.end_others"]
    assert chief.get("/admin/password_change/")["Location"] == "/account"


def test_sessions_are_seen_and_ended_for_others(chief: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    here = log_in()
    page = chief.get(reverse("admin:accounts_sessionrecord_changelist")).content.decode()
    assert "Firefox on Linux" in page
    act(chief, "accounts_sessionrecord", "end", SessionRecord.objects.get(user__username="ann").pk)
    assert not is_in(here) and is_in(chief)
    assert AuditEntry.objects.get(action="session.end").actor_label == "chief"


def test_a_lost_phone_is_reset_and_its_seed_never_shown(chief: Client) -> None:
    seed = give_factor(make_user("ann", role=Role.VIEWER))
    row = Authenticator.objects.get()
    page = chief.get(reverse("admin:accounts_authenticator_change", args=[row.pk])).content.decode()
    assert seed not in page and "gAAAA" not in page
    act(chief, "accounts_authenticator", "reset", row.pk)
    assert not Authenticator.objects.exists() and trail() == ["second_factor.reset"]
    assert is_in(log_in())


def test_a_locked_login_is_unlocked(chief: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    stranger = Client()
    for agent in ("one", "two", "two", "two", "two"):
        wrong = {"username": "ann", "password": "wrong"}
        answer = stranger.post("/admin/login/", wrong, headers={"user-agent": agent})
    assert answer.status_code == 429
    act(chief, "axes_accessattempt", "unlock", AccessAttempt.objects.first().pk)  # type: ignore[union-attr]
    assert is_in(log_in()) and trail() == ["login.unlock"]


def test_teams_have_members_and_a_trail(chief: Client) -> None:
    ann, out = make_user("ann"), make_user("out", is_staff=False)
    url = reverse("admin:projects_team_add")
    answer = chief.post(url, {"name": "Risk", "slug": "risk", "members": [out.pk]})
    assert "Not an active staff account: out." in answer.content.decode()
    assert chief.post(url, {"name": "Risk", "slug": "risk", "members": [ann.pk]}).status_code == 302
    team = Team.objects.get()
    change = reverse("admin:projects_team_change", args=[team.pk])
    chief.post(change, {"name": "Risk desk", "slug": "risk", "members": []})
    entry = AuditEntry.objects.get(action="team.change")
    assert entry.changes == {"name": ["Risk", "Risk desk"], "members": [["ann"], []]}
    act(chief, "projects_team", "delete_selected", team.pk)
    chief.post(reverse("admin:projects_team_delete", args=[team.pk]), {"post": "yes"})
    assert trail() == ["team.create", "team.change", "team.delete"]


def test_a_key_is_labelled_by_its_manager() -> None:
    mia = Client()
    mia.force_login(make_user("mia", role=Role.MANAGER))
    project = make_project()
    key = ProjectKey.objects.create(project=project, public_key="a" * 32)
    Membership.objects.get().user.groups.add(*_group("manager"))
    url = reverse("admin:projects_projectkey_change", args=[key.pk])
    page = mia.get(url).content.decode()
    assert "data-copy-text=" in page and "projects/copy.js" in page
    mia.post(url, {"label": "checkout"})
    key.refresh_from_db()
    assert (key.label, key.public_key) == ("checkout", "a" * 32)
    assert AuditEntry.objects.get(action="key.label").changes == {"label": ["default", "checkout"]}


def _group(name: str) -> Any:
    return Group.objects.filter(name=name)
