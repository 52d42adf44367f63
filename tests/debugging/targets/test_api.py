"""`/debug/targets`: listed by anybody, changed with the scope `admin`, secrets shown to nobody."""

from typing import Any

import pytest
from django.test import Client

from debugging.models import ReplayTarget, TargetSecret
from tests.debugging.targets.builders import make_target
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
SECRET = "tok-1234567"
NEW = {"name": "staging", "kind": "staging", "base_url": "https://staging.example"}


@pytest.fixture
def api(client: Client) -> Any:
    make_project()
    headers = bearer("debug:read", "admin")

    def call(method: str, path: str, body: Any = None, **more: str) -> Any:
        return getattr(client, method)(path, body or {}, content_type="application/json", headers={**headers, **more})

    return call


def test_targets_are_listed_without_the_values_of_their_secrets(api: Any) -> None:
    make_target("https://staging.example", name="staging", secrets={"X-Api-Key": SECRET, "Authorization": SECRET})
    answer = api("get", "/debug/targets?project=default")
    told = answer.json()["results"][0]
    assert (told["name"], told["base_url"], told["kind"]) == ("staging", "https://staging.example", "local")
    assert told["secrets"] == [{"place": "header", "name": "Authorization"}, {"place": "header", "name": "X-Api-Key"}]
    assert SECRET not in answer.content.decode()


def test_a_target_from_beginning_to_end(api: Any) -> None:
    answer = api("post", "/debug/targets", {**NEW, "allows_unsafe": True})
    told = answer.json()
    assert (answer.status_code, told["name"], told["allows_unsafe"], told["created_by"]) == (201, "staging", True, "ci")
    path = f"/debug/targets/{told['id']}"
    changed = api("patch", path, {"timeout_seconds": 30}).json()
    assert changed == {**told, "timeout_seconds": 30} == api("get", path).json()
    secret = {"place": "header", "name": "X-Api-Key", "value": SECRET}
    answer = api("post", f"{path}/secrets", secret)
    assert answer.json()["secrets"] == [{"place": "header", "name": "X-Api-Key"}]
    assert SECRET not in answer.content.decode() and TargetSecret.objects.get().value == SECRET
    assert api("delete", f"{path}/secrets?place=header&name=X-Api-Key").json()["secrets"] == []
    assert api("delete", f"{path}/secrets?place=header&name=X-Api-Key").status_code == 404
    assert api("delete", path).status_code == 204
    assert not ReplayTarget.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "kind": "local"}, "base_url"),
        ({**NEW, "kind": "moon"}, "kind"),
        ({**NEW, "base_url": "http://10.0.0.1"}, "base_url"),
        ({**NEW, "base_url": "https://a:b@x.example"}, "base_url"),
        ({**NEW, "timeout_seconds": 61}, "timeout_seconds"),
        ({**NEW, "most_at_once": "many"}, "most_at_once"),
    ],
)
def test_a_fault_names_its_field(api: Any, body: Any, field: str) -> None:
    answer = api("post", "/debug/targets", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_an_internal_one_is_an_administrators(client: Client) -> None:
    project = make_project()
    inside = {**NEW, "base_url": "http://10.0.0.7", "allows_internal": True}
    bound = bearer("admin", "debug:read", projects=[project])  # manages its project, and no more
    everywhere = bearer("admin", "debug:read")
    answer = client.post("/debug/targets", inside, content_type="application/json", headers=bound)
    assert (answer.status_code, list(answer.json()["errors"])) == (403, ["allows_internal"])
    made = client.post("/debug/targets", inside, content_type="application/json", headers=everywhere).json()
    path = f"/debug/targets/{made['id']}"
    for method, where, body in (
        ("patch", path, {"base_url": "http://10.0.0.8"}),
        ("post", f"{path}/secrets", {"place": "header", "name": "X", "value": SECRET}),
        ("delete", path, {}),
    ):
        answer = getattr(client, method)(where, body, content_type="application/json", headers=bound)
        assert answer.status_code == 403, where
    assert client.patch(path, {}, content_type="application/json", headers=bound).status_code == 200


def test_one_manager_does_not_get_round_the_second_person(client: Client) -> None:
    row = make_target("https://live.example", kind="production", allows_internal=False, secrets={"X-Key": SECRET})
    client.force_login(make_user("mia", role=Role.MANAGER))
    for body, field in (({"kind": "staging"}, "kind"), ({"base_url": "https://mia.example"}, "base_url")):
        answer = client.patch(f"/debug/targets/{row.pk}", body, content_type="application/json")
        assert (answer.status_code, list(answer.json()["errors"])) == (403, [field])
    row.refresh_from_db()
    assert (row.kind, row.base_url, row.secrets.count()) == ("production", "https://live.example", 1)


def test_another_address_gets_none_of_the_secrets_and_the_answer_says_so(api: Any) -> None:
    row = make_target("https://s.example", secrets={"Authorization": SECRET, "X-Key": SECRET})
    names = [{"place": "header", "name": "Authorization"}, {"place": "header", "name": "X-Key"}]
    path = f"/debug/targets/{row.pk}"
    assert "cleared_secrets" not in api("patch", path, {"base_url": "https://s.example/v2"}).json()
    told = api("patch", path, {"base_url": "https://other.example"}).json()
    assert (told["secrets"], told["cleared_secrets"]) == ([], names)
    assert not TargetSecret.objects.exists() and "cleared_secrets" not in api("get", path).json()


def test_who_may_not(client: Client) -> None:
    row = make_target("https://s.example", allows_internal=False)
    path = f"/debug/targets/{row.pk}"
    secret = {"place": "header", "name": "X", "value": SECRET}
    calls = (("post", "/debug/targets", NEW), ("patch", path, {"name": "y"}), ("delete", path, {}),
             ("post", f"{path}/secrets", secret), ("delete", f"{path}/secrets?place=header&name=X", {}))  # fmt: skip
    for method, where, body in calls:
        call = getattr(client, method)
        assert call(where, body, content_type="application/json", headers=bearer("debug:write")).status_code == 403
        other = bearer("admin", projects=[make_project("other")])
        if where != "/debug/targets":
            assert call(where, body, content_type="application/json", headers=other).status_code == 404
    client.force_login(make_user("rob", role=Role.RESPONDER))
    for method, where, body in calls:
        assert getattr(client, method)(where, body, content_type="application/json").status_code == 403, where
    assert ReplayTarget.objects.get() == row
