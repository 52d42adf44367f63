# ruff: noqa: E501 - tables read best as lines
"""What a hostile visitor puts into URLs, bodies and forms: a refusal that names the field, or an ordinary page."""

import base64
import json
from typing import Any

import pytest
from django.test import Client

from tests.dashboard.builders import make_alert, make_event, make_issue
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


BAD_TEXTS = [
    "\0", "a\0b", "x" * 5000, "-1", "0", "9" * 30, "9" * 5000, "[]", "../..", "' OR 1=1 --", "<script>", "２", "\u202e", "😀",
]  # fmt: skip
BAD_TIMES = [
    "now",  "1999-12-31T00:00:00Z", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1e400", "1700000000",
]  # fmt: skip
BAD_CURSORS = [
    "x", "====", "é", "AAAA", cursor(), cursor(None, None), cursor("x", "y"), cursor(1, 2, 3), cursor([], {}),
    cursor("9999-12-31T23:59:59.999999Z", "9" * 30), cursor("2026-01-01T00:00:00Z", "-" + "9" * 30),
    cursor("2026-01-01T00:00:00Z", 1e300), cursor("2026-01-01T00:00:00Z", True), cursor("2026-01-01", "1"),
    cursor("0001-01-01T00:00:00+14:00", "1"), cursor("9999-12-31T23:59:59-14:00", "1"), cursor("1", "1", "1"), cursor(9e99, 1),
    cursor("a\0", "1"), base64.urlsafe_b64encode(b"[" * 100_000).decode(), base64.urlsafe_b64encode(b"NaN").decode(),
]  # fmt: skip
PARAMETERS = {
    **dict.fromkeys(["project", "environment", "window", "limit", "severity", "category", "state"], BAD_TEXTS),
    **dict.fromkeys(["q", "sort", "looked", "format", "status", "o", "p", "all", "next"], BAD_TEXTS),
    "start": BAD_TEXTS + BAD_TIMES,
    "end": BAD_TIMES,
    "cursor": BAD_TEXTS + BAD_CURSORS,
}
ENDPOINTS = ["/alerts/active", "/error-tracking/status", "/error-tracking/metrics"]
CHECKED = {
    "/alerts/active": {"project", "severity", "category", "state", "cursor", "limit"},
    "/error-tracking/status": {"project"},
    "/error-tracking/metrics": {"project", "window", "start", "end"},
}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_an_endpoint_names_the_bad_parameter(client: Client, path: str) -> None:
    make_alert(make_project())
    token = bearer("*")
    for name, values in PARAMETERS.items():
        for value in values:
            start = {"start": "2026-01-01T00:00:00Z"} if name == "end" else {}
            answer = client.get(path, {**start, name: value}, headers=token)
            assert answer.status_code in (200, 400, 404), (name, value)
            if answer.status_code == 200:
                assert name not in CHECKED.get(path, ()) or (name, value) in HARMLESS, (name, value[:80])
                continue
            errors = answer.json()["errors"]
            assert name in errors or (name, answer.status_code) == ("format", 404), (name, value[:80], errors)


HARMLESS = {("start", "2026-01-01"), ("end", "2026-01-02")}


@pytest.mark.parametrize("place", ["/error-dashboard.html", "/issues", "/alerts", "issue", "alert", "event"])
def test_a_page_opens_or_is_not_found(client: Client, place: str) -> None:
    issue = make_issue(make_project())
    event, alert = make_event(issue), make_alert(make_project())
    named = {
        "issue": issue.get_absolute_url(),
        "alert": alert.get_absolute_url(),
        "event": f"/events/{event.event_id.hex}",
    }
    client.force_login(make_user("ann", role=Role.VIEWER))
    for name, values in PARAMETERS.items():
        for value in values:
            answer = client.get(named.get(place, place), {name: value})
            assert answer.status_code in (200, 302, 400, 404), (name, value)


@pytest.mark.parametrize("path", ["/alerts", "/alerts/1/resolve", "/alerts/1/acknowledge", "/error-tracking/test"])
@pytest.mark.parametrize(
    ("body", "content_type", "statuses"),
    [
        (b"", "application/json", (200, 201, 202, 400, 404)),
        (b"{", "application/json", (400,)),
        (b"[]", "application/json", (400,)),
        (b"null", "application/json", (400,)),
        (b'"x"', "application/json", (400,)),
        (b"\xff\xfe", "application/json", (400,)),
        (b"[" * 100_000, "application/json", (400,)),
        (b'{"title":NaN,"note":Infinity,"message":NaN}', "application/json", (400,)),
        (b'{"title":"\\ud800","note":"\\ud800","message":"\\ud800"}', "application/json", (400, 404)),
        (b'{"title":"\\u0000","note":"\\u0000","message":"\\u0000"}', "application/json", (400, 404)),
        (b'{"title":{},"note":[],"message":{},"tags":[],"metadata":7,"severity":{},"project":{}}', "application/json", (400,)),
        (b'{"title":"x","note":"x","message":"x","project":"\\u0000"}', "application/json", (400, 404)),
        (b'{"title":"x","note":"x","message":"x","project":' + b"9" * 5000 + b"}", "application/json", (400, 404)),
        (b'{"title":"x","note":"x","message":"x","project":' + b"9" * 30 + b"}", "application/json", (400, 404)),
        (b'{"title":"x","tags":{"\\u0000":"a"},"metadata":{"a":"\\u0000"}}', "application/json", (200, 202, 400, 404)),
        (b'{"title":"x","metadata":{"a":' + b"9" * 400 + b"}}", "application/json", (200, 201, 202, 400, 404)),
        (b"title=x", "application/x-www-form-urlencoded", (415,)),
        (b"<title/>", "application/xml", (415,)),
        (b'{"title":"x"}', "application/json; charset=nonsense", (200, 201, 202, 400, 404, 415)),
        (b" " * 6_000_000, "application/json", (400, 413)),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused_in_the_shape_of_every_error(
    client: Client, path: str, body: bytes, content_type: str, statuses: tuple[int, ...]
) -> None:
    make_project()
    for key in ({}, {"Idempotency-Key": "k"}):
        answer = client.generic("POST", path, body, content_type, headers={**bearer("*"), **key})
        assert answer.status_code in statuses, answer.content[:300]
        if answer.status_code >= 400:
            assert set(answer.json()) == {"detail", "errors"}
            assert answer.json()["detail"]
