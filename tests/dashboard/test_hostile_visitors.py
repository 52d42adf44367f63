# ruff: noqa: E501 - tables read best as lines
"""What a hostile visitor puts into URLs, bodies and forms: a refusal that names the field, or an ordinary page."""

import base64
import json
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.models import Alert
from tests.dashboard.builders import make_alert, make_event, make_issue
from tests.inbox.builders import make_envelope, queue_up
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.dashboard.fragments import make_message
from tradewatch.dashboard.scope import read_scope, user_actor
from tradewatch.dashboard.snapshot import View, take_snapshot
from tradewatch.errors.models import Event
from tradewatch.inbox import queue_postgres, queue_sqlite
from tradewatch.inbox.digest import digest_batch
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.projects.choices import Role
from tradewatch.projects.config import forget_configs

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


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
@pytest.mark.usefixtures("inbox")  # a body that is good after all is a test event
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


# --- stored scripts ---------------------------------------------------------------------------------------------------
SCRIPT = "</script></title><xss-tag>'\"><xss-tag onxss=1>javascript:alert(1)//{{7*7}}\r\nBcc: x@x.example"
LINK = "javascript:alert(document.cookie)"


def hostile_document() -> dict[str, Any]:
    frame = dict.fromkeys(("filename", "function", "module", "abs_path", "context_line", "package"), SCRIPT)
    frame |= {"pre_context": [SCRIPT], "post_context": [SCRIPT], "vars": {SCRIPT: SCRIPT}, "lineno": 1, "in_app": True}
    exception = {"type": SCRIPT, "value": SCRIPT, "module": SCRIPT, "mechanism": {"type": SCRIPT, "source": SCRIPT}}
    texts = dict.fromkeys(("logger", "transaction", "server_name", "release", "environment", "dist", "culprit"), SCRIPT)
    return texts | {
        "level": SCRIPT,
        "platform": SCRIPT,
        "message": SCRIPT,
        "logentry": {"message": SCRIPT, "params": [SCRIPT]},
        "exception": [exception | {"stacktrace": {"frames": [frame]}}, exception],
        "tags": {SCRIPT[:30]: SCRIPT, "url": LINK},
        "user": {"id": SCRIPT, "username": SCRIPT, "email": SCRIPT, "data": {"x": SCRIPT}},
        "request": {
            "url": LINK,
            "method": SCRIPT,
            "headers": {SCRIPT: SCRIPT, "Referer": LINK},
            "data": SCRIPT,
            "query_string": SCRIPT,
        },
        "breadcrumbs": [
            {"type": SCRIPT, "category": SCRIPT, "message": SCRIPT, "level": SCRIPT, "data": {"url": LINK}}
        ],
        "contexts": {"runtime": {"name": SCRIPT}, SCRIPT: {"type": SCRIPT, "x": SCRIPT}},
        "extra": {SCRIPT: SCRIPT},
        "modules": {SCRIPT: SCRIPT},
        "sdk": {"name": SCRIPT, "version": SCRIPT},
        "fingerprint": [SCRIPT],
    }


class Tags(HTMLParser):
    """What a browser would take for markup: elements and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.count = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += 1
        if tag == "xss-tag":
            self.faults.append("an element of the event's")
        for name, value in attrs:
            if name.startswith("on") or (
                name in ("href", "src", "action") and (value or "").strip().startswith("javascript:")
            ):
                self.faults.append(f"{tag} {name}={value}")


@pytest.fixture
def digested(settings, tmp_path) -> Iterator[Event]:
    """A hostile event that went the whole way from the queue to its issue, and an alert that repeats its words."""
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    project = make_project()
    queue_up(
        make_envelope(("event", hostile_document()), event_id="d" * 32), project_id=project.pk, received_at=time.time()
    )
    forget_configs()
    assert digest_batch(HANDLERS).stored == 1
    make_alert(
        project, title=SCRIPT[:200], message=SCRIPT, source=SCRIPT[:80], tags={SCRIPT: SCRIPT}, environment=SCRIPT[:64]
    )
    yield Event.objects.get()
    queue_sqlite.close()
    queue_postgres.close()


@pytest.mark.django_db(transaction=True)
def test_nothing_of_an_event_becomes_markup(client: Client, digested: Event) -> None:
    client.force_login(User.objects.create_superuser("chief", "c@desk.example", "pass word 1"))
    issue, alert = digested.issue, Alert.objects.exclude(source="errors").latest("id")
    pages = [
        "/error-dashboard.html",
        "/issues",
        "/alerts",
        issue.get_absolute_url(),
        digested.get_absolute_url(),
        alert.get_absolute_url(),
    ]
    pages += [
        f"/issues?q={quote(SCRIPT)}",
        f"/issues?environment={quote(SCRIPT)}",
        f"/alerts?environment={quote(SCRIPT)}",
    ]
    for model, row in (("errors_issue", issue), ("alerts_alert", alert)):
        pages += [reverse(f"admin:{model}_changelist"), reverse(f"admin:{model}_change", args=[row.pk])]
    pages += [
        reverse(f"admin:{name}_changelist") for name in ("projects_release", "projects_environment") if name in ADMIN
    ]
    for path in pages:
        answer = client.get(path)
        # A search that cannot be read is answered 400, on the page itself.
        assert answer.status_code == (400 if path.startswith("/issues?q=") else 200), path
        tags = Tags(answer.content.decode())
        scripts = [
            fault for fault in tags.faults if not path.startswith("/admin/") or "xss" in fault or "element" in fault
        ]
        assert (path, scripts) == (path, [])
        assert tags.count > 20
        policy = answer["Content-Security-Policy"]
        assert "unsafe-inline" not in policy.partition("style-src")[0], path
        assert ("unsafe" in policy) == path.startswith("/admin/"), path
        assert answer["X-Content-Type-Options"] == "nosniff" and answer["X-Frame-Options"] == "DENY"
    document = client.get(f"{digested.get_absolute_url()}/json")
    assert document["Content-Type"] == "application/json"


ADMIN = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}


@pytest.mark.django_db(transaction=True)
def test_nothing_of_an_event_becomes_markup_in_what_the_socket_sends(digested: Event) -> None:
    chief = User.objects.create_superuser("chief", "c@desk.example", "pass word 1")
    scope = read_scope(user_actor(chief), {})
    message = make_message(take_snapshot(View(scope.project_ids, "", scope.range), now=timezone.now()), scope)
    assert "xss-tag" in str(message)  # the event is in it
    for name, html in message["fragments"].items():
        assert (name, Tags(html).faults) == (name, [])


# --- logins -----------------------------------------------------------------------------------------------------------
def log_in(client: Client, password: str, **more: Any) -> Any:
    return client.post("/admin/login/", {"username": "ann", "password": password, **more.pop("data", {})}, **more)


def test_five_wrong_passwords_lock_and_say_so(client: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    statuses = [log_in(client, f"wrong {number}").status_code for number in range(5)]
    assert statuses[0] == 200
    locked = log_in(client, "pass-of-ann")  # the right one comes too late
    assert locked.status_code == 429
    assert "locked" in locked.content.decode().lower()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"],
)
def test_a_login_leads_to_no_other_host(client: Client, target: str) -> None:
    make_user("ann", role=Role.VIEWER)
    answer = log_in(client, "pass-of-ann", data={"next": target})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/") and not answer["Location"].startswith(("//", "/\\"))


def test_the_session_cookie_is_out_of_reach_and_ends_with_the_logout(client: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    cookie = log_in(client, "pass-of-ann").cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    key = cookie.value
    assert client.get("/admin/logout/").status_code == 405  # a link on another page must not end a session
    client.post("/admin/logout/")
    client.cookies["sessionid"] = key
    assert client.get("/issues").status_code == 302


def test_there_is_no_password_reset_to_abuse(client: Client) -> None:
    assert client.get("/admin/password_reset/").status_code in (302, 404)
    assert client.post("/accounts/password_reset/", {"email": "ann@desk.example"}).status_code == 404


def test_a_forged_host_reaches_no_link(client: Client) -> None:
    issue = make_issue(make_project())
    client.force_login(make_user("ann", role=Role.VIEWER))
    answer = client.get(issue.get_absolute_url(), headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.content.decode()


def test_a_write_by_session_needs_its_csrf_token() -> None:
    make_alert(make_project())
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("mia", role=Role.MANAGER))
    alert = Alert.objects.get()
    for path in (
        "/alerts",
        f"/alerts/{alert.pk}/resolve",
        "/error-tracking/test",
        f"/dashboard/actions/alerts/{alert.pk}/resolve",
    ):
        assert client.post(path, {"title": "x"}, content_type="application/json").status_code == 403, path
    alert.refresh_from_db()
    assert alert.state == "firing"


# --- other people's things --------------------------------------------------------------------------------------------
def test_another_projects_things_are_not_found(client: Client) -> None:
    issue, alert = make_issue(make_project("theirs")), make_alert(make_project("theirs"))
    event = make_event(issue)
    client.force_login(make_user("mia", role=Role.MANAGER, project=make_project("ours")))
    paths = [
        issue.get_absolute_url(),
        alert.get_absolute_url(),
        event.get_absolute_url(),
        f"{event.get_absolute_url()}/json",
    ]
    own = make_issue(make_project("ours"))
    paths += [
        f"{own.get_absolute_url()}/events/{event.event_id.hex}",
        "/issues?project=theirs",
        "/error-dashboard.html?project=theirs",
    ]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)
    acts = [f"/dashboard/actions/issues/{issue.pk}/resolve", f"/dashboard/actions/alerts/{alert.pk}/resolve"]
    acts += [f"/dashboard/actions/projects/{issue.project_id}/test-event", f"/alerts/{alert.pk}/resolve"]
    assert {path: client.post(path, content_type="application/json").status_code for path in acts} == dict.fromkeys(
        acts, 404
    )


def test_a_bound_token_reaches_its_projects_alone(client: Client) -> None:
    alert = make_alert(make_project("theirs"))
    token = bearer("*", projects=[make_project("ours")])
    assert client.get("/alerts/active", headers=token).json()["results"] == []
    for path in ("/alerts/active", "/error-tracking/metrics", "/error-tracking/status"):
        answer = client.get(path, {"project": "theirs"}, headers=token)
        assert (answer.status_code, list(answer.json()["errors"])) == (404, ["project"]), path
    assert client.post(f"/alerts/{alert.pk}/resolve", content_type="application/json", headers=token).status_code == 404
    posted = client.post("/alerts", {"title": "x", "project": "theirs"}, content_type="application/json", headers=token)
    assert posted.status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("get", "/alerts/active", "errors:write"),
        ("post", "/alerts", "alerts:read"),
        ("post", "/alerts/1/resolve", "alerts:read"),
        ("post", "/alerts/1/acknowledge", "errors:write"),
        ("get", "/error-tracking/status", "alerts:write"),
        ("get", "/error-tracking/metrics", "sla:write"),
        ("post", "/error-tracking/test", "errors:read"),
    ],
)
def test_a_weak_token_is_refused_with_the_scope_it_lacks(client: Client, method: str, path: str, scope: str) -> None:
    answer = getattr(client, method)(path, headers=bearer(scope))
    assert answer.status_code == 403
    assert answer.json()["errors"] == {} and "needs the scope" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/nothing", "/alerts/x/resolve", "/error-tracking/nothing"])
def test_an_unknown_path_and_a_wrong_method_have_the_shape_of_every_error(client: Client, path: str) -> None:
    assert set(client.get(path, headers=bearer("*")).json()) == {"detail", "errors"}
    wrong = client.delete("/alerts/active", headers=bearer("*"))
    assert (wrong.status_code, set(wrong.json())) == (405, {"detail", "errors"})
