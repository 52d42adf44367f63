from typing import Any

import pytest
from django.test import Client

from sla.models import Correction
from sla.services.corrections import withdraw_correction
from tests.projects.builders import bearer, make_project, make_user
from tests.sla.promises import DAY, HOUR, NOW, make_correction, make_target
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db

PATH = "/sla/corrections"
MOVE = {
    "kind": "maintenance",
    "starts_at": "2026-11-26T10:00:00Z",
    "ends_at": "2026-11-26T11:00:00Z",
    "reason": "database moved",
}


def read(client: Client, **query: Any) -> Any:
    answer = client.get(PATH, query, headers=bearer("sla:read"))
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def post(client: Client, body: Any = None, path: str = PATH, scope: str = "sla:write") -> Any:
    return client.post(path, body or {}, content_type="application/json", headers=bearer(scope))


def test_what_is_added_is_listed_with_who_and_why(client: Client) -> None:
    make_target()
    answer = post(client, {**MOVE, "target": "orders", "environment": "production"})
    assert answer.status_code == 201, answer.content
    (row,) = read(client)
    assert row == answer.json()
    assert (row["target"], row["project"], row["actor"], row["reason"]) == ("orders", "default", "ci", MOVE["reason"])
    assert (row["starts_at"], row["withdrawn_at"]) == (MOVE["starts_at"], None)


def test_the_list_follows_the_data_and_its_filters(client: Client) -> None:
    old = make_correction(starts_at=NOW - 9 * DAY, ends_at=NOW - 8 * DAY)
    new = make_correction(environment="staging")
    ids = lambda **query: [row["id"] for row in read(client, **query)]  # noqa: E731
    assert ids() == [new.pk, old.pk]
    assert ids(start=(NOW - 8 * DAY).isoformat()) == [new.pk]
    assert ids(end=(NOW - 2 * HOUR).isoformat()) == [old.pk]
    assert ids(environment="production") == [old.pk]
    withdraw_correction(SYSTEM, new, now=NOW)
    assert ids() == [old.pk] and ids(withdrawn="true") == [new.pk, old.pk]
    assert client.get(PATH, {"start": "soon"}, headers=bearer("sla:read")).json()["errors"].keys() == {"start"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends_at": MOVE["starts_at"]}, "ends_at"),
        ({"reason": ""}, "reason"),
        ({"kind": "luck"}, "kind"),
        ({"starts_at": "yesterday"}, "starts_at"),
        ({"target": "nothing"}, "target"),
        ({"until": "x"}, "until"),
    ],
)
def test_a_bad_one_names_its_field(client: Client, wrong: dict[str, Any], field: str) -> None:
    make_project()
    answer = post(client, {**MOVE, **wrong})
    assert answer.status_code == 400 and set(answer.json()["errors"]) == {field}
    assert not Correction.objects.exists()


def test_withdrawing_needs_the_scope_and_is_done_once(client: Client) -> None:
    row = make_correction()
    path = f"{PATH}/{row.pk}/withdraw"
    assert client.post(path).status_code == 401
    assert post(client, path=path, scope="sla:read").status_code == 403
    first = post(client, path=path).json()
    assert first["withdrawn_by"] == "ci" and post(client, path=path).json() == first
    assert post(client, path=f"{PATH}/999999/withdraw").status_code == 404


def test_a_responder_may_not_and_a_manager_may(client: Client) -> None:
    row = make_correction()
    for role, status in ((Role.RESPONDER, 403), (Role.MANAGER, 200)):
        client.force_login(make_user(f"a-{role}", role=role))
        assert client.post(f"{PATH}/{row.pk}/withdraw").status_code == status
        added = client.post(PATH, MOVE, content_type="application/json")
        assert added.status_code == (status if status == 403 else 201)
        assert client.get(PATH).status_code == 200


def test_another_projects_are_unknown(client: Client) -> None:
    row = make_correction(make_project("other"))
    headers = bearer("*", projects=[make_project()])
    assert client.get(PATH, headers=headers).json()["results"] == []
    assert client.get(f"{PATH}?project=other", headers=headers).status_code == 404
    assert client.post(f"{PATH}/{row.pk}/withdraw", headers=headers).status_code == 404
    body = {**MOVE, "project": "other"}
    assert client.post(PATH, body, content_type="application/json", headers=headers).status_code == 404
