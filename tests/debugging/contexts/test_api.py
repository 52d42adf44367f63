"""`POST /debug/capture`: what is stored of it, and what is refused."""

from typing import Any

import pytest
from django.test import Client

from debugging.models import ErrorContext
from tests.debugging.builders import CAPTURE
from tests.errors.builders import digest
from tests.errors.documents import make_event, make_exception, make_frame
from tests.projects.builders import bearer, make_project
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import Event, Issue

pytestmark = pytest.mark.django_db


def capture(client: Client, body: Any, **headers: str) -> Any:
    make_project()
    known = headers or bearer("debug:write")
    return client.post("/debug/capture", body, content_type="application/json", headers=known)


def test_a_capture_is_stored_and_is_no_event(client: Client) -> None:
    answer = capture(client, CAPTURE)
    assert answer.status_code == 201
    row = ErrorContext.objects.get()
    assert answer.json() == {"error_id": row.error_id.hex, "issue": None}
    assert (row.title, row.environment, row.exception_type) == ("KeyError: 'institutional'", "production", "KeyError")
    document: Any = row.payload
    assert document["request"]["url"] == "/orders" and document["request"]["data"] == {"account_id": "acc-4"}
    assert (Event.objects.count(), Issue.objects.count()) == (0, 0)
    assert AuditEntry.objects.get(action="debug.capture").object_id == str(row.pk)


def test_it_is_scrubbed_as_an_event_is(client: Client) -> None:
    secret = "tok_live_4242424242424242"
    body = {
        "error": {
            "type": "ValueError",
            "message": "password=hunter22 refused",
            "traceback": [{"function": "login", "filename": "app/a.py", "vars": {"api_key": secret, "quantity": 4}}],
        },
        "request": {
            "method": "POST",
            "path": f"/login?token={secret}",
            "headers": {"Authorization": f"Bearer {secret}", "Cookie": "sessionid=abc123"},
            "body": {"password": "hunter22", "symbol": "ACME"},
        },
        "system": {"secret_key": secret, "host": "api-03"},
        "tags": {"token": secret},
    }
    assert capture(client, body).status_code == 201
    row = ErrorContext.objects.get()
    stored = f"{row.payload} {row.title}"
    assert not [word for word in (secret, "hunter22", "abc123") if word in stored]
    assert "ACME" in stored and "api-03" in stored and "'quantity': 4" in stored


def test_a_capture_knows_the_issue_of_its_fingerprint(client: Client) -> None:
    frame = make_frame("margin_by_tier", "app.risk.margin")
    digest(make_event(make_exception("KeyError", "'x'", frames=[frame])), project=make_project())
    issue = Issue.objects.get()
    body = {"error": {"type": "KeyError", "message": "'y'", "traceback": [frame]}}
    assert capture(client, body).json()["issue"]["id"] == issue.pk
    other = {"error": {"type": "KeyError", "message": "'y'", "traceback": [make_frame("elsewhere")]}}
    assert capture(client, other).json()["issue"] is None
    issue.refresh_from_db()
    assert issue.event_count == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "error"),
        ({"error": "boom"}, "error"),
        ({"error": {"message": "x"}}, "error.type"),
        ({"error": {"type": "E", "message": 5}}, "error.message"),
        ({"error": {"type": "E", "traceback": 5}}, "error.traceback"),
        ({"error": {"type": "E", "chain": [{"message": "x"}]}}, "error.chain.0.type"),
        ({"error": {"type": "E"}, "request": []}, "request"),
        ({"error": {"type": "E"}, "request": {"method": 1}}, "request.method"),
        ({"error": {"type": "E"}, "environment": "x" * 65}, "environment"),
        ({"error": {"type": "E"}, "tags": "venue=lmax"}, "tags"),
    ],
)
def test_a_fault_names_its_field(client: Client, body: Any, field: str) -> None:
    answer = capture(client, body)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not ErrorContext.objects.exists()


def test_what_is_too_large_is_refused(client: Client) -> None:
    body = {"error": {"type": "E", "message": "x" * (1 << 20)}}
    assert capture(client, body).status_code == 413
    assert capture(client, ["error"]).status_code == 400


def test_a_repeated_key_is_the_same_capture(client: Client) -> None:
    headers = {**bearer("debug:write"), "Idempotency-Key": "k1"}
    first, second = capture(client, CAPTURE, **headers), capture(client, CAPTURE, **headers)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert ErrorContext.objects.count() == 1
    assert capture(client, {"error": {"type": "Other"}}, **headers).status_code == 409


def test_who_may_capture(client: Client) -> None:
    make_project()
    assert client.post("/debug/capture", CAPTURE, content_type="application/json").status_code == 401
    assert capture(client, CAPTURE, **bearer("debug:read")).status_code == 403
    other = make_project("other")
    assert (
        capture(client, {**CAPTURE, "project": "default"}, **bearer("debug:write", projects=[other])).status_code == 404
    )


def test_the_list_is_paged_and_narrowed(client: Client) -> None:
    for number in range(3):
        capture(client, {**CAPTURE, "environment": f"env-{number % 2}"})
    headers = bearer("debug:read")
    page = client.get("/debug/contexts?limit=2", headers=headers).json()
    rest = client.get(f"/debug/contexts?limit=2&cursor={page['next']}", headers=headers).json()
    assert len({row["error_id"] for row in page["results"] + rest["results"]}) == 3 and rest["next"] is None
    assert len(client.get("/debug/contexts?environment=env-1", headers=headers).json()["results"]) == 1
    assert client.get("/debug/contexts?issue=x", headers=headers).status_code == 400
