"""Checks in the admin: each fault stands at its field, secrets are written and never shown."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.performance.checks.builders import http_server, make_check
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.performance.models import Check
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db
LIST = "/admin/performance/check/"


@pytest.fixture
def mia(client: Client):
    return member("mia", Role.MANAGER, client)


def member(name: str, role: Role, client: Client):
    user = make_user(name)
    add_member(SYSTEM, make_project(), user, role)
    client.force_login(user)
    return user


def form(**fields: Any) -> dict[str, Any]:
    values = {
        "name": "Custody API",
        "project": make_project().pk,
        "environment": "production",
        "severity": "error",
        "address": "https://custody.example/health",
        "method": "GET",
        "expected_statuses": "200-299",
        "follows_redirects": "on",
        "verifies_tls": "on",
        "tls_days": "14",
        "record_type": "A",
        "interval_seconds": "60",
        "timeout_seconds": "10",
        "retries": "2",
        "recoveries": "1",
        "results-TOTAL_FORMS": "0",
        "results-INITIAL_FORMS": "0",
    }
    return {**values, **fields}


def faults(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(texts) for name, texts in answer.context["adminform"].form.errors.items()}


@pytest.mark.parametrize("kind", ["http", "tcp", "dns", "postgres", "redis"])
def test_each_kind_has_its_form(client: Client, mia, kind: str) -> None:
    assert f"?kind={kind}" in client.get(f"{LIST}add/").content.decode()
    html = client.get(f"{LIST}add/?kind={kind}").content.decode()
    assert ('name="connection"' in html) == (kind in ("postgres", "redis"))
    assert ('name="method"' in html) == (kind == "http")
    assert ('name="record_type"' in html) == (kind == "dns")
    assert 'name="allows_internal"' not in html, "a manager does not set it"


def test_a_check_is_added_and_due_at_once(client: Client, mia) -> None:
    assert client.post(f"{LIST}add/?kind=http", form()).status_code == 302
    row = Check.objects.get()
    assert (row.kind, row.state, row.allows_internal) == ("http", "unknown", False)
    assert row.next_due_at is not None
    assert AuditEntry.objects.first().action == "rule.create"


@pytest.mark.parametrize(
    ("kind", "fields", "field", "part"),
    [
        ("http", {"address": "custody.example"}, "address", "must begin with https://"),
        ("http", {"address": "https://u:p@custody.example"}, "address", "request headers"),
        ("http", {"address": "http://127.0.0.1:9"}, "address", "only an administrator"),
        ("http", {"address": "http://[::1]/"}, "address", "only an administrator"),
        ("http", {"address": "http://localhost/"}, "address", "only an administrator"),
        ("http", {"expected_statuses": "200-"}, "expected_statuses", "no status"),
        ("http", {"body_pattern": "(?=a)"}, "body_pattern", "not a regular expression"),
        ("http", {"request_headers": "no colon"}, "request_headers", "line 1"),
        ("http", {"request_headers": "Host: other"}, "request_headers", "set by TradeWatch"),
        ("http", {"method": "HEAD", "body_contains": "ok"}, "method", "HEAD"),
        ("http", {"interval_seconds": "5", "timeout_seconds": "5"}, "interval_seconds", "10 to"),
        ("http", {"timeout_seconds": "61"}, "timeout_seconds", "1 to 60"),
        ("http", {"interval_seconds": "10", "timeout_seconds": "30"}, "timeout_seconds", "interval"),
        ("http", {"retries": "11"}, "retries", "at most 10"),
        ("http", {"recoveries": "0"}, "recoveries", "1 to 10"),
        ("http", {"slow_seconds": "10"}, "slow_seconds", "less than the time limit"),
        ("tcp", {"address": "venue.example"}, "address", "host:port"),
        ("tcp", {"address": "10.0.0.7:22"}, "address", "only an administrator"),
        ("dns", {"address": "https://x"}, "address", "expected a name"),
        ("dns", {"address": "a.example", "resolver": "10.0.0.2"}, "resolver", "only an administrator"),
        ("dns", {"address": "a.example", "resolver": "ns.example"}, "resolver", "address of a name server"),
        ("postgres", {"connection": "not a dsn"}, "connection", "cannot be read"),
        ("postgres", {"connection": "postgresql://a.example/x?passfile=/root/.pgpass"}, "connection", "passfile"),
        ("postgres", {"connection": "postgresql://a.example,10.0.0.1/x"}, "connection", "one host"),
        ("postgres", {"connection": "postgresql:///x?host=/run"}, "connection", "socket of this machine"),
        ("redis", {"connection": "http://x"}, "connection", "redis://"),
        ("redis", {"connection": "redis://:p@192.168.1.4"}, "connection", "only an administrator"),
    ],
)
def test_a_fault_stands_at_its_field(client: Client, mia, kind: str, fields: dict, field: str, part: str) -> None:
    found = faults(client.post(f"{LIST}add/?kind={kind}", form(**fields)))
    assert list(found) == [field] and part in found[field][0], found
    assert not Check.objects.exists()


def test_secrets_are_kept_encrypted_never_shown_and_never_audited(client: Client, mia) -> None:
    dsn = "postgresql://watch:hunter2@db.example:5432/trading"
    client.post(f"{LIST}add/?kind=postgres", form(connection=dsn))
    row = Check.objects.get()
    assert row.connection == dsn
    with connection.cursor() as cursor:
        cursor.execute("SELECT connection FROM performance_check")
        assert "hunter2" not in cursor.fetchone()[0]
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "hunter2" not in page and "leave empty to keep it" in page
    client.post(f"{LIST}{row.pk}/change/", form(name="Trading database", connection=""))
    row.refresh_from_db()
    assert (row.name, row.connection) == ("Trading database", dsn)
    shown = "".join(client.get(path).content.decode() for path in (LIST, "/checks", f"/checks/{row.pk}"))
    assert "hunter2" not in shown and "SELECT 1 at db.example" in shown
    assert "hunter2" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_request_headers_are_removed_by_a_dash(client: Client, mia) -> None:
    client.post(f"{LIST}add/?kind=http", form(request_headers="Authorization: Bearer s3cret"))
    row = Check.objects.get()
    assert row.request_headers == "Authorization: Bearer s3cret"
    client.post(f"{LIST}{row.pk}/change/", form(request_headers=""))
    row.refresh_from_db()
    assert row.request_headers == "Authorization: Bearer s3cret"
    client.post(f"{LIST}{row.pk}/change/", form(request_headers="-"))
    row.refresh_from_db()
    assert row.request_headers == ""


def test_only_an_administrator_aims_a_check_at_an_internal_target(client: Client, mia) -> None:
    row = make_check(address="http://10.1.1.1/health", allows_internal=True)
    found = faults(client.post(f"{LIST}{row.pk}/change/", form(address="http://10.1.1.2/admin")))
    assert "only an administrator" in str(found)
    assert client.post(f"{LIST}{row.pk}/change/", form(address=row.address, name="Renamed")).status_code == 302
    row.refresh_from_db()
    assert (row.address, row.allows_internal, row.name) == ("http://10.1.1.1/health", True, "Renamed")
    client.post(f"{LIST}add/?kind=http", form(name="Sneaky", address="http://10.1.1.3/", allows_internal="on"))
    assert not Check.objects.filter(name="Sneaky").exists()
    client.force_login(make_user("root", is_superuser=True))
    answer = client.post(f"{LIST}{row.pk}/change/", form(address="http://10.1.1.2/health", allows_internal="on"))
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.address == "http://10.1.1.2/health"


def test_a_changed_target_starts_anew(client: Client, mia) -> None:
    row = make_check(state="down", failures=3, run_number=7)
    client.post(f"{LIST}{row.pk}/change/", form(address="https://custody.example/other"))
    row.refresh_from_db()
    assert (row.state, row.failures, row.run_number) == ("unknown", 0, 8)


def test_many_are_paused_with_a_reason_and_resumed(client: Client, mia) -> None:
    rows = [make_check(name=f"Service {number}") for number in range(3)]
    chosen = {"_selected_action": [row.pk for row in rows]}
    asked = client.post(LIST, {"action": "pause", **chosen}).content.decode()
    assert "Service 2" in asked and 'name="reason"' in asked
    assert not Check.objects.filter(state="paused").exists()
    client.post(LIST, {"action": "pause", "apply": "1", "reason": "exchange holiday", **chosen})
    assert set(Check.objects.values_list("state", "paused_reason")) == {("paused", "mia: exchange holiday")}
    client.post(LIST, {"action": "resume", **chosen})
    assert set(Check.objects.values_list("state", flat=True)) == {"unknown"}


def test_run_now_says_the_answer(client: Client, mia, settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with http_server() as server:
        row = make_check(address=server.url)
        page = client.get(f"{LIST}{row.pk}/run/", follow=True)
    assert any("Good: 200 OK in" in str(message) for message in page.context["messages"])


def test_a_viewer_reads_alone(client: Client) -> None:
    member("vic", Role.VIEWER, client)
    row = make_check()
    assert client.get(f"{LIST}{row.pk}/change/").status_code == 200
    assert client.get(f"{LIST}add/?kind=http").status_code == 403
    assert client.get(f"{LIST}{row.pk}/run/").status_code in (302, 403)
    row.refresh_from_db()
    assert row.ran_at is None


def test_deleting_ends_what_is_open(client: Client, mia) -> None:
    row = make_check()
    assert client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Check.objects.exists()
