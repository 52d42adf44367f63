"""Values that a database would refuse, or that mean nothing: named, not stumbled over."""

import pytest
from django.test import Client

from tests.dashboard.builders import make_issue
from tests.projects.builders import bearer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("beyond", [2**63, 2**64 + 1, 10**30])
def test_an_id_beyond_what_a_database_holds_is_a_bad_value(client: Client, beyond: int) -> None:
    issue = make_issue()
    asked = {
        f"/error-tracking/issues/{issue.pk}/merge": {"issues": [beyond]},
        "/error-tracking/issues/bulk": {"issues": [issue.pk, beyond], "action": "reopen"},
    }
    for path, body in asked.items():
        answer = client.post(path, body, "application/json", headers=bearer("*"))
        assert (answer.status_code, [name.partition(".")[0] for name in answer.json()["errors"]]) == (400, ["issues"])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/sla/targets", "archived"),
        ("/sla/corrections", "withdrawn"),
        ("/release/freezes", "in_force"),
        ("/release/gate/overrides", "in_force"),
    ],
)
def test_a_flag_is_true_or_false(client: Client, path: str, name: str) -> None:
    token = bearer("*")
    assert [client.get(path, {name: text}, headers=token).status_code for text in ("true", "0", "")] == [200] * 3
    answer = client.get(path, {name: "3904"}, headers=token)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])


def test_a_body_that_is_no_json_is_at_fault_as_a_whole(client: Client) -> None:
    answer = client.post("/error-tracking/test", b"\x00", "application/json", headers=bearer("*"))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["body"])
