"""Targets in the admin: written by managers through the services; secrets are put in and never come out."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from debugging.models import ReplayTarget, TargetSecret
from tests.debugging.targets.builders import make_target
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LIST = "/admin/debugging/replaytarget/"
TOLD = "Bearer tell-nobody"


def log_in(client: Client, role: Role) -> User:
    name = f"a-{role.value}"
    user = User.objects.filter(username=name).first()
    if user is None:
        user = make_user(name)
        add_member(SYSTEM, make_project(), user, role)  # which gives the role's group too
    client.force_login(user)
    return user


def log_in_as_root(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))


def form(*secrets: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return what the page sends, with rows of secrets: stored ones carry their id."""
    values: dict[str, Any] = {
        "project": make_project().pk, "name": "staging", "kind": "staging", "base_url": "https://staging.example",
        "is_enabled": "on", "allows_unsafe": "on", "verifies_tls": "on", "timeout_seconds": 10, "most_at_once": 5,
    }  # fmt: skip
    stored = sum("id" in each for each in secrets)
    values |= {"secrets-TOTAL_FORMS": len(secrets), "secrets-INITIAL_FORMS": stored}
    for at, each in enumerate(secrets):
        values |= {f"secrets-{at}-{name}": value for name, value in each.items()}
    return values | changed


def one_secret(**changed: Any) -> dict[str, Any]:
    return {"place": "header", "name": "Authorization", "value": TOLD, **changed}


def target_with_secrets(*names: str) -> tuple[ReplayTarget, list[TargetSecret]]:
    """Return a target outside, with a header's secret of each name."""
    target = make_target("https://staging.example", name="staging", kind="staging", allows_internal=False)
    rows = [TargetSecret(target=target, place="header", name=name, value=f"{TOLD} {name}") for name in names]
    for row in rows:
        row.save()
    return target, rows


def test_a_manager_adds_one_with_its_secrets(client: Client) -> None:
    log_in(client, Role.MANAGER)
    page = client.get(f"{LIST}add/?project={make_project().pk}").content.decode()
    assert "Kept encrypted" in page and f'<option value="{make_project().pk}" selected' in page
    assert client.post(f"{LIST}add/", form(one_secret())).status_code == 302
    target = ReplayTarget.objects.get()
    assert (target.name, target.created_by, target.allows_internal) == ("staging", "a-manager", False)
    assert [(each.place, each.name, each.value) for each in target.secrets.all()] == [("header", "Authorization", TOLD)]
    audit = [str((each.action, each.changes)) for each in AuditEntry.objects.all()]
    assert any("header Authorization" in line for line in audit) and TOLD not in "".join(audit)
    assert "staging.example" in client.get(LIST).content.decode()


def test_a_secret_is_replaced_kept_or_cleared_and_never_shown(client: Client) -> None:
    log_in(client, Role.MANAGER)
    target, (kept, replaced, cleared) = target_with_secrets("X-Kept", "X-Replaced", "X-Cleared")
    path = f"{LIST}{target.pk}/change/"
    page = client.get(path).content.decode()
    assert "X-Kept" in page and "One is set" in page and TOLD not in page
    rows = [
        {"id": kept.pk, "target": target.pk, "value": ""},
        {"id": replaced.pk, "target": target.pk, "value": "another-one", "name": "X-Stolen"},
        {"id": cleared.pk, "target": target.pk, "value": "", "DELETE": "on"},
    ]
    assert client.post(path, form(*rows)).status_code == 302
    found = {each.name: each.value for each in target.secrets.all()}
    assert found == {"X-Kept": f"{TOLD} X-Kept", "X-Replaced": "another-one"}
    assert TOLD not in client.get(f"/admin/debugging/replaytarget/{target.pk}/history/").content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"base_url": "http://user:pass@staging.example"}, "names a login"),
        ({"base_url": "http://10.0.0.1"}, "only an administrator may allow an internal target"),
        ({"base_url": "ftp://staging.example"}, "http"),
        ({"timeout_seconds": 0}, "expected 1 to 60"),
        ({"most_at_once": 50}, "expected 1 to 20"),
        ({"name": "taken"}, "another target of the project has this name"),
    ],
)
def test_what_is_wrong_stands_at_its_field(client: Client, changed: dict[str, Any], words: str) -> None:
    log_in(client, Role.MANAGER)
    make_target("https://other.example", name="taken", allows_internal=False)
    answer = client.post(f"{LIST}add/", form(**changed))
    errors = answer.context["adminform"].form.errors
    assert answer.status_code == 200 and set(changed) & set(errors)
    assert words in str(errors) and ReplayTarget.objects.count() == 1


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ({"value": "abc"}, "expected 4 characters or more"),
        ({"value": ""}, "expected 4 characters or more"),
        ({"name": "Bad Name"}, "is no name of a header"),
        ({"place": "body", "name": "auth"}, "begin with /"),
    ],
)
def test_what_is_wrong_with_a_secret_is_said(client: Client, secret: dict[str, Any], words: str) -> None:
    log_in(client, Role.MANAGER)
    answer = client.post(f"{LIST}add/", form(one_secret(**secret)))
    assert answer.status_code == 200 and words in answer.content.decode()
    assert ReplayTarget.objects.count() == 0 and TargetSecret.objects.count() == 0


def test_only_an_administrator_sets_an_internal_one_and_changes_it(client: Client) -> None:
    log_in(client, Role.MANAGER)
    client.post(f"{LIST}add/", form(allows_internal="on"))
    assert not ReplayTarget.objects.get().allows_internal  # the field is not a manager's: it counts as not sent
    ReplayTarget.objects.all().delete()
    log_in_as_root(client)
    internal = {"base_url": "http://127.0.0.1:8001", "allows_internal": "on"}
    assert client.post(f"{LIST}add/", form(one_secret(), **internal)).status_code == 302
    target = ReplayTarget.objects.get()
    assert target.allows_internal
    log_in(client, Role.MANAGER)
    path = f"{LIST}{target.pk}/change/"
    page = client.get(path)
    assert page.status_code == 200 and "Authorization" in page.content.decode() and TOLD not in page.content.decode()
    secret = target.secrets.get()
    row = {"id": secret.pk, "target": target.pk, "value": "mine-now"}
    assert client.post(path, form(row, base_url="https://mine.example")).status_code == 403
    assert client.post(f"{LIST}{target.pk}/delete/", {"post": "yes"}).status_code == 403
    target.refresh_from_db()
    assert target.base_url == "http://127.0.0.1:8001" and target.secrets.get().value == TOLD


def test_another_address_gets_the_secrets_that_were_entered_with_it_and_no_other(client: Client) -> None:
    log_in(client, Role.MANAGER)
    target, (kept, replaced, cleared) = target_with_secrets("X-Kept", "X-Replaced", "X-Cleared")
    rows = [
        {"id": kept.pk, "target": target.pk, "value": ""},
        {"id": replaced.pk, "target": target.pk, "value": "another-one"},
        {"id": cleared.pk, "target": target.pk, "value": "", "DELETE": "on"},
    ]
    path = f"{LIST}{target.pk}/change/"
    answer = client.post(path, form(*rows, base_url="https://other.example"), follow=True)
    assert "header X-Cleared, header X-Kept, header X-Replaced. Set them anew." in answer.content.decode()
    assert [(each.name, each.value) for each in target.secrets.all()] == [("X-Replaced", "another-one")]


def test_only_an_administrator_takes_production_elsewhere(client: Client) -> None:
    target = make_target("https://live.example", name="live", kind="production", allows_internal=False)
    path, as_it_is = f"{LIST}{target.pk}/change/", {"name": "live", "kind": "production"}
    log_in(client, Role.MANAGER)
    for changed in ({"kind": "staging"}, {"base_url": "https://mine.example"}):
        answer = client.post(path, form(**{**as_it_is, "base_url": "https://live.example", **changed}))
        assert answer.status_code == 200 and set(answer.context["adminform"].form.errors) == set(changed)
    log_in_as_root(client)
    assert client.post(path, form(**as_it_is, base_url="https://new.example")).status_code == 302
    target.refresh_from_db()
    assert (target.kind, target.base_url) == ("production", "https://new.example")


def test_others_look_and_change_nothing(client: Client) -> None:
    target = make_target("https://staging.example", secrets={"Authorization": TOLD}, allows_internal=False)
    elsewhere = make_target("https://elsewhere.example", project=make_project("other"))
    log_in(client, Role.RESPONDER)
    assert "staging.example" in client.get(LIST).content.decode()
    assert "elsewhere.example" not in client.get(LIST).content.decode()
    page = client.get(f"{LIST}{target.pk}/change/")
    assert page.status_code == 200 and TOLD not in page.content.decode()
    assert client.post(f"{LIST}{target.pk}/change/", form()).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.get(f"{LIST}{elsewhere.pk}/change/").status_code == 302


def test_a_deleted_one_leaves_its_replays(client: Client) -> None:
    log_in(client, Role.MANAGER)
    target = make_target("https://staging.example", secrets={"Authorization": TOLD}, allows_internal=False)
    confirmation = client.get(f"{LIST}{target.pk}/delete/").content.decode()
    assert TOLD not in confirmation
    assert client.post(f"{LIST}{target.pk}/delete/", {"post": "yes"}).status_code == 302
    assert (ReplayTarget.objects.count(), TargetSecret.objects.count()) == (0, 0)
