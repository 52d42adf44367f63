import pytest
from django.test import Client

from releases.models import Rollback
from tests.projects.builders import bearer, make_project
from tests.releases.rollbacks.builders import bad_deployment, requested

pytestmark = pytest.mark.django_db


def post(client: Client, path: str, body: object = None, scope: str = "releases:write", **headers: str):  # type: ignore[no-untyped-def]
    return client.post(path, body or {}, content_type="application/json", headers={**bearer(scope), **headers})


def test_asked_for_listed_and_called_off(client: Client) -> None:
    row = bad_deployment()
    answer = post(client, f"/release/deployments/{row.pk}/rollback", {"reason": "orders fail"})
    told = answer.json()
    assert (answer.status_code, told["status"], told["from_version"], told["to_version"]) == (
        201, "requested", "2.0.1", "2.0.0",
    )  # fmt: skip
    assert (told["deployment_id"], told["opening"], told["requested_by"]) == (row.pk, "verdict", "ci")
    again = post(client, f"/release/deployments/{row.pk}/rollback", {"reason": "orders fail"})
    assert again.status_code == 409 and "is requested already, by ci" in again.json()["detail"]

    def listed(**query: str) -> list[int]:
        page = client.get("/release/rollbacks", query, headers=bearer("releases:read")).json()
        return [each["rollback_id"] for each in page["results"]]

    assert listed() == listed(environment="production", state="requested") == [told["rollback_id"]]
    assert listed(environment="staging") == listed(status="verified") == []
    path = f"/release/rollbacks/{told['rollback_id']}"
    assert post(client, f"{path}/withdraw").json()["status"] == "withdrawn"
    assert client.get(path, headers=bearer("releases:read")).json()["outcome"] == "Called off by ci."


def test_a_repeated_request_gets_the_first_answer(client: Client) -> None:
    headers = {**bearer("releases:write"), "Idempotency-Key": "k1"}
    path = f"/release/deployments/{bad_deployment().pk}/rollback"
    first, second = (
        client.post(path, {"reason": "x"}, content_type="application/json", headers=headers) for _ in range(2)
    )
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert Rollback.objects.count() == 1


def test_kept_and_taken_back(client: Client) -> None:
    row = bad_deployment()
    assert post(client, f"/release/deployments/{row.pk}/keep", {"reason": "their outage"}).status_code == 200
    row.refresh_from_db()
    assert row.kept_reason == "their outage"
    assert post(client, f"/release/deployments/{row.pk}/keep/undo").status_code == 200
    row.refresh_from_db()
    assert row.kept_at is None


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x" * 301}, {"reason": None}])
def test_what_is_wrong_is_named(client: Client, body: dict[str, object]) -> None:
    answer = post(client, f"/release/deployments/{bad_deployment().pk}/rollback", body)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"reason"})


def test_who_may(client: Client) -> None:
    rollback = requested()
    row = rollback.deployment
    for path in (f"deployments/{row.pk}/rollback", f"deployments/{row.pk}/keep", f"rollbacks/{rollback.pk}/withdraw"):
        body = {"reason": "x"}
        assert post(client, f"/release/{path}", body, scope="releases:read").status_code == 403
        assert client.post(f"/release/{path}", body).status_code == 401
        foreign = bearer("releases:write", projects=[make_project("other")])
        assert (
            client.post(f"/release/{path}", body, content_type="application/json", headers=foreign).status_code == 404
        )
