"""/alerts/* through HTTP: who may, what it answers, what it changes."""

from typing import Any

import pytest
from django.test import Client

from alerts.choices import AlertCategory, AlertSeverity, AlertState
from alerts.models import Alert, TimelineEntry
from alerts.services import acknowledge_alert, resolve_alert
from tests.alerts.builders import MINUTE, NOW, make_alert, texts
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
ACTIVE = "/alerts/active"


@pytest.fixture(autouse=True)
def _one_reader(settings, db) -> None:
    make_project()
    settings.ALERT_MAIL_TO = ["desk@example.com"]
    settings.PUBLIC_URL = "https://watch.example.com"


def active(client: Client, **query: Any) -> dict[str, Any]:
    answer = client.get(ACTIVE, query, headers=bearer("alerts:read"))
    assert answer.status_code == 200, answer.content
    return answer.json()


def titles(client: Client, **query: Any) -> list[str]:
    return [alert["title"] for alert in active(client, **query)["results"]]


def post(client: Client, path: str, body: object = None, **headers: str):
    return client.post(path, body or {}, content_type="application/json", headers=headers or bearer("alerts:write"))


# --- reading ---------------------------------------------------------------------------------------------------
def test_an_active_alert_as_it_is_answered(client: Client) -> None:
    assert active(client) == {"results": [], "next": None}
    alert = make_alert(tags={"host": "settle-02"}, message="97% of 40 GB")
    (shown,) = active(client)["results"]
    assert shown == {
        "id": alert.pk,
        "project": "default",
        "environment": "",
        "title": "Disk 97% full",
        "message": "97% of 40 GB",
        "severity": "error",
        "category": "system",
        "source": "cron",
        "state": "firing",
        "count": 1,
        "starts_at": "2026-11-23T15:12:30Z",
        "last_at": "2026-11-23T15:12:30Z",
        "dedup_key": "disk:settle-02",
        "tags": {"host": "settle-02"},
        "simulated": "",
        "acknowledged_at": None,
        "acknowledged_by": "",
        "resolved_at": None,
        "resolved_by": "",
        "ending": "",
        "classified_by": "",
        "team": None,
        "assignee": None,
        "snoozed_until": None,
        "groups": [],
        "suppressed_by": [],
        "next_step_at": None,
        "url": f"https://watch.example.com/alerts/{alert.pk}",
    }


def test_an_acknowledged_alert_is_active_and_a_resolved_one_is_not(client: Client) -> None:
    acknowledge_alert(SYSTEM, make_alert(dedup_key="a", title="a"))
    resolve_alert(SYSTEM, make_alert(dedup_key="b", title="b"))
    assert titles(client) == ["a"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"severity": "critical"}, ["late"]),
        ({"category": "security"}, ["taken"]),
        ({"state": "firing"}, ["late", "plain"]),
        ({"state": "acknowledged"}, ["taken"]),
        ({"environment": "staging"}, ["late", "plain"]),
        ({"environment": "production"}, ["taken", "plain"]),
        ({"project": "other"}, ["late"]),
        ({"project": "default", "severity": "error"}, ["taken", "plain"]),
        ({"severity": "info"}, []),
    ],
)
def test_filters(client: Client, query: dict[str, str], found: list[str]) -> None:
    make_alert(dedup_key="1", title="plain")  # belongs to each environment
    other = make_project("other")
    taken = make_alert(
        dedup_key="2", title="taken", category=AlertCategory.SECURITY, at=NOW + MINUTE, environment="production"
    )
    acknowledge_alert(SYSTEM, taken)
    make_alert(
        dedup_key="3",
        title="late",
        severity=AlertSeverity.CRITICAL,
        project_id=other.pk,
        at=NOW + 2 * MINUTE,
        environment="staging",
    )
    assert titles(client, **query) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"severity": "loud"}, "severity"),
        ({"category": "food"}, "category"),
        ({"state": "resolved"}, "state"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "made-up"}, "cursor"),
    ],
)
def test_a_bad_filter_is_named(client: Client, query: dict[str, str], field: str) -> None:
    answer = client.get(ACTIVE, query, headers=bearer("alerts:read"))
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_pages_hold_every_alert_once_while_new_ones_arrive(client: Client) -> None:
    project = make_project()
    Alert.objects.bulk_create(
        Alert(
            project=project,
            dedup_key=f"k{number}",
            severity="error",
            category="system",
            source="test",
            title=f"alert {number}",
            starts_at=NOW + (number // 3) * MINUTE,  # three at each moment
            last_at=NOW,
        )
        for number in range(130)
    )
    seen, cursor = [], None
    while True:
        page = active(client, limit=50, **({"cursor": cursor} if cursor else {}))
        seen += [alert["title"] for alert in page["results"]]
        make_alert(dedup_key=f"new{cursor}", at=NOW + 999 * MINUTE)
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"alert {number}" for number in sorted(range(130), key=lambda n: (n // 3, n), reverse=True)]


def test_a_page_costs_the_same_queries_however_many_alerts(client: Client, django_assert_max_num_queries) -> None:
    for number in range(20):
        make_alert(dedup_key=str(number))
    headers = bearer("alerts:read")
    with django_assert_max_num_queries(11):
        assert len(client.get(ACTIVE, headers=headers).json()["results"]) == 20


# --- who may -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/alerts/active", "/alerts/active/"])
def test_reading_needs_credentials(client: Client, path: str) -> None:
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
@pytest.mark.parametrize(
    ("scopes", "status"),
    [
        (["alerts:write"], 200),
        (["*"], 200),
        (["alerts:read"], 403),
        (["errors:write", "admin"], 403),
    ],
)
def test_writing_needs_the_scope(client: Client, action: str, scopes: list[str], status: int) -> None:
    alert = make_alert()
    assert post(client, f"/alerts/{alert.pk}/{action}", **bearer(*scopes)).status_code == status
    assert post(client, f"/alerts/{alert.pk}/{action}/", **bearer(*scopes)).status_code == status
    alert.refresh_from_db()
    assert (alert.state == AlertState.FIRING) is (status == 403)


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
@pytest.mark.parametrize(
    ("role", "status"), [(Role.VIEWER, 403), (Role.RESPONDER, 200), (Role.MANAGER, 200), (None, 404)]
)
def test_writing_needs_the_role(client: Client, action: str, role: Role | None, status: int) -> None:
    alert = make_alert()
    client.force_login(make_user("ann", role=role), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(f"/alerts/{alert.pk}/{action}", {}, content_type="application/json")
    assert answer.status_code == status


def test_a_token_bound_to_another_project_sees_and_changes_nothing(client: Client) -> None:
    alert = make_alert()
    headers = bearer("alerts:write", projects=[make_project("other")])
    assert client.get(ACTIVE, headers=headers).json()["results"] == []
    assert post(client, f"/alerts/{alert.pk}/resolve", **headers).status_code == 404
    assert post(client, "/alerts", {"title": "x", "project": "default"}, **headers).status_code == 404


# --- acknowledge and resolve -------------------------------------------------------------------------------------
def test_acknowledging_is_written_down(client: Client) -> None:
    alert = make_alert()
    answer = post(client, f"/alerts/{alert.pk}/acknowledge", {"note": "on it"}).json()
    assert (answer["state"], answer["acknowledged_by"]) == ("acknowledged", "ci")
    entry = TimelineEntry.objects.get(kind="acknowledged")
    assert (entry.text, entry.actor_label) == ("Acknowledged by ci: on it", "ci")
    audited = AuditEntry.objects.get(action="alert.acknowledge")
    assert (audited.actor_kind, audited.object_id, audited.project_id) == ("token", str(alert.pk), alert.project_id)
    assert audited.changes == {"state": ["firing", "acknowledged"]}


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_again_is_200_and_changes_nothing(client: Client, action: str) -> None:
    alert = make_alert()
    first = post(client, f"/alerts/{alert.pk}/{action}").json()
    assert post(client, f"/alerts/{alert.pk}/{action}", {"note": "again"}).json() == first
    assert AuditEntry.objects.filter(action=f"alert.{action}").count() == 1


def test_resolving_says_who_and_how_long(client: Client) -> None:
    alert = make_alert()
    answer = post(client, f"/alerts/{alert.pk}/resolve", {"note": "disk is bigger now"}).json()
    assert (answer["state"], answer["resolved_by"]) == ("resolved", "ci")
    assert answer["ending"].startswith("Ended: Disk 97% full, ")
    assert answer["ending"].endswith(", resolved by ci")
    assert "Resolved by ci: disk is bigger now" in texts(alert)
    assert active(client)["results"] == []


def test_a_resolved_alert_cannot_be_acknowledged(client: Client) -> None:
    alert = resolve_alert(SYSTEM, make_alert())
    answer = post(client, f"/alerts/{alert.pk}/acknowledge")
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("it ended at ")


@pytest.mark.parametrize("alert_id", ["999", "9" * 30])
def test_an_unknown_alert_is_404(client: Client, alert_id: str) -> None:
    assert post(client, f"/alerts/{alert_id}/resolve").status_code == 404


def test_a_note_that_is_too_long_is_named(client: Client) -> None:
    answer = post(client, f"/alerts/{make_alert().pk}/resolve", {"note": "x" * 401})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["note"])


# --- raising -----------------------------------------------------------------------------------------------------
def test_raising_opens_once_and_counts_after(client: Client) -> None:
    body = {"title": "Settlement late", "tags": {"venue": "XNYS", "desk": "7"}, "metadata": {"batch": 12}}
    first, second = post(client, "/alerts", body), post(client, "/alerts", body)
    assert (first.status_code, second.status_code) == (201, 200)
    alert = Alert.objects.get()
    assert (first.json()["id"], second.json()["count"]) == (alert.pk, 2)
    assert (alert.severity, alert.category, alert.source) == ("error", "system", "api")
    assert alert.metadata == {"details": {"batch": 12}}
    assert texts(alert)[0] == "Raised by ci."
    assert AuditEntry.objects.filter(action="alert.open").count() == 1


def test_the_default_key_ignores_the_order_of_tags_and_nothing_else(client: Client) -> None:
    base = {"title": "t", "source": "s", "tags": {"a": "1", "b": "2"}}
    for change in ({}, {"tags": {"b": "2", "a": "1"}}, {"message": "other words"}):
        post(client, "/alerts", {**base, **change})
    assert Alert.objects.get().count == 3
    for change in ({"title": "u"}, {"source": "r"}, {"tags": {"a": "1", "b": "3"}}):
        assert post(client, "/alerts", {**base, **change}).status_code == 201


def test_a_key_of_the_callers_own_wins(client: Client) -> None:
    for title in ("one", "two"):
        post(client, "/alerts", {"title": title, "dedup_key": "batch-7"})
    assert Alert.objects.get().dedup_key == "batch-7"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"title": "x" * 251}, "title"),
        ({"title": "nul \x00"}, "title"),
        ({"severity": "loud"}, "severity"),
        ({"category": "food"}, "category"),
        ({"tags": ["a"]}, "tags"),
        ({"tags": {"a": {"b": 1}}}, "tags"),
        ({"tags": {"nul\x00": "1"}}, "tags"),
        ({"tags": {str(number): "x" for number in range(51)}}, "tags"),
        ({"metadata": "text"}, "metadata"),
        ({"metadata": {"nul": "\x00"}}, "metadata"),
        ({"metadata": {"half": "\ud800"}}, "metadata"),
        ({"metadata": {"big": "x" * 20_000}}, "metadata"),
        ({"dedup_key": "k" * 201}, "dedup_key"),
        ({"project": "nowhere"}, "project"),
    ],
)
def test_bad_input_names_its_field(client: Client, change: dict[str, Any], field: str) -> None:
    answer = post(client, "/alerts", {"title": "t", **change})
    assert answer.status_code in (400, 404)
    assert [name.split(".")[0] for name in answer.json()["errors"]] == [field]
    assert not Alert.objects.exists()


def test_raising_needs_the_scope(client: Client) -> None:
    assert post(client, "/alerts", {"title": "t"}, **bearer("alerts:read")).status_code == 403


def test_the_endpoints_are_in_the_openapi_document(client: Client) -> None:
    answer = client.get("/api/schema", headers=bearer("*"), query_params={"format": "json"})
    paths = str(answer.content)
    for path in ("/alerts", ACTIVE, "/alerts/{alert_id}/resolve", "/alerts/{alert_id}/acknowledge"):
        assert f"{path}:" in paths or f'"{path}"' in paths


# --- ending by key ---------------------------------------------------------------------------------------------
def test_whoever_opened_an_alert_can_end_it_by_its_key(client: Client) -> None:
    opened = post(client, "/alerts", {"title": "Disk full", "dedup_key": "disk"}).json()
    answer = post(client, "/alerts", {"title": "Disk full", "dedup_key": "disk", "state": "resolved"})
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (200, opened["id"], "resolved")
    again = post(client, "/alerts", {"title": "Disk full", "dedup_key": "disk", "state": "resolved"})
    assert again.status_code == 204  # unknown by now: accepted, no effect
    assert Alert.objects.count() == 1
