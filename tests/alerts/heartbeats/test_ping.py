"""Ping URLs, the API, the admin and the pages of heartbeats."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from alerts.heartbeats import services
from alerts.heartbeats.services import forget_old_entries, look_at_due
from alerts.models import Alert, Heartbeat, HeartbeatEntry
from alerts.services import judge_occurrences
from tests.admin.builders import make_person
from tests.projects.builders import bearer, make_project
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def make_heartbeat(**fields: Any) -> Heartbeat:
    usual = {"name": "Nightly settlement", "slug": "nightly", "project": fields.pop("project", None) or make_project()}
    return Heartbeat.objects.create(**{**usual, **fields})


@pytest.fixture
def heartbeat() -> Heartbeat:
    return make_heartbeat()


def kinds(row: Heartbeat) -> list[str]:
    return list(row.entries.order_by("id").values_list("kind", flat=True))


# --- pings -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_any_method_reports(client: Client, heartbeat: Heartbeat, method: str) -> None:
    answer = getattr(client, method)(f"/ping/{heartbeat.ping_key}")
    assert answer.status_code == 200
    heartbeat.refresh_from_db()
    assert (heartbeat.state, kinds(heartbeat)) == ("up", ["success"])


def test_start_exit_codes_fail_and_log(client: Client, heartbeat: Heartbeat) -> None:
    for signal in ("start", "0", "start", "3", "log", "fail", ""):
        assert client.get(f"/ping/{heartbeat.ping_key}/{signal}").status_code == 200
    assert kinds(heartbeat) == ["start", "success", "start", "fail", "log", "fail", "success"]
    assert heartbeat.entries.get(exit_code=3).kind == "fail"
    assert heartbeat.entries.get(exit_code=0).seconds is not None


def test_what_is_sent_along_is_kept_small_and_scrubbed(client: Client, heartbeat: Heartbeat) -> None:
    body = b"rows: 17\npassword=hunter2hunter2\n\0" + b"x" * 20_000
    client.post(f"/ping/{heartbeat.ping_key}", body, content_type="text/plain")
    kept = heartbeat.entries.get().body
    assert kept.startswith("rows: 17") and "hunter2" not in kept and "\0" not in kept
    assert len(kept) <= 10_100


def test_strangers_get_404_and_no_more_tries_than_a_person_makes(client: Client) -> None:
    codes = [client.get("/ping/guess").status_code for _ in range(61)]
    assert codes[0] == 404 and codes[-1] == 429


def test_a_loop_of_pings_is_slowed_down(client: Client, heartbeat: Heartbeat) -> None:
    answers = [client.get(f"/ping/{heartbeat.ping_key}") for _ in range(61)]
    assert answers[-1].status_code == 429 and int(answers[-1]["Retry-After"]) > 0
    assert heartbeat.entries.count() == 60


def test_a_failure_opens_an_alert_and_a_success_ends_it(client: Client, heartbeat: Heartbeat) -> None:
    client.post(f"/ping/{heartbeat.ping_key}/fail", b"disk full", content_type="text/plain")
    judge_occurrences(timezone.now())
    alert = Alert.objects.get()
    assert (alert.title, alert.severity, alert.category) == ("Nightly settlement: failed", "error", "heartbeat")
    client.get(f"/ping/{heartbeat.ping_key}")
    alert.refresh_from_db()
    assert alert.state == "resolved"


def test_what_does_not_come_is_written_into_the_history(client: Client, heartbeat: Heartbeat) -> None:
    client.get(f"/ping/{heartbeat.ping_key}")
    assert look_at_due(timezone.now() + timedelta(minutes=30)) == 0
    assert look_at_due(timezone.now() + timedelta(minutes=66)) == 1
    assert kinds(heartbeat) == ["success", "missed"]
    assert look_at_due(timezone.now() + timedelta(minutes=67)) == 0  # said once


def test_history_is_bounded(client: Client, heartbeat: Heartbeat, monkeypatch) -> None:
    monkeypatch.setattr(services, "ENTRIES_KEPT", 5)
    now = timezone.now()
    HeartbeatEntry.objects.bulk_create(HeartbeatEntry(heartbeat=heartbeat, at=now, kind="success") for _ in range(12))
    HeartbeatEntry.objects.create(heartbeat=heartbeat, at=now - timedelta(days=91), kind="fail")
    assert forget_old_entries(now) == 8
    assert kinds(heartbeat) == ["success"] * 5


def test_what_was_sent_along_goes_before_the_reports_and_our_own_reasons_stay(
    heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BODIES_KEPT", 2)
    for kind in ("success", "missed", "fail", "success", "success"):
        HeartbeatEntry.objects.create(heartbeat=heartbeat, at=timezone.now(), kind=kind, body="text")
    assert forget_old_entries(timezone.now()) == 0
    assert list(heartbeat.entries.order_by("id").values_list("body", flat=True)) == ["", "text", "", "text", "text"]


def test_a_report_says_how_late_it_came(client: Client, heartbeat: Heartbeat) -> None:
    client.get(f"/ping/{heartbeat.ping_key}")
    Heartbeat.objects.update(expected_at=timezone.now() - timedelta(seconds=40))
    for signal in ("log", "start", "0"):
        client.get(f"/ping/{heartbeat.ping_key}/{signal}")
    first, log, start, end = heartbeat.entries.order_by("id")
    assert (first.late_seconds, log.late_seconds, end.late_seconds) == (None, None, None)
    assert start.late_seconds == pytest.approx(40, abs=5)


# --- API ---------------------------------------------------------------------------------------------------------
def test_the_api_lists_reads_and_pauses(client: Client, heartbeat: Heartbeat) -> None:
    make_heartbeat(slug="other", name="Other", project=make_project("theirs"))
    read, write = bearer("alerts:read"), bearer("alerts:write", projects=[heartbeat.project])
    assert len(client.get("/alerts/heartbeats", headers=read).json()["results"]) == 2
    [shown] = client.get("/alerts/heartbeats?state=new", headers=write).json()["results"]
    assert (shown["slug"], shown["schedule"], shown["state"]) == ("nightly", "every 1 h", "new")
    assert "ping" not in str(shown)  # a reader cannot report
    path = f"/alerts/heartbeats/{heartbeat.pk}"
    assert client.get(path, headers=read).json()["id"] == heartbeat.pk
    assert client.post(f"{path}/pause", headers=read).status_code == 403
    assert client.post(f"{path}/pause", headers=write).json()["state"] == "paused"
    assert client.post(f"{path}/resume", headers=write).json()["state"] == "new"
    assert AuditEntry.objects.filter(action="heartbeat.pause").count() == 1
    other = Heartbeat.objects.get(slug="other")
    assert client.post(f"/alerts/heartbeats/{other.pk}/pause", headers=write).status_code == 404


def test_pausing_ends_what_is_open(client: Client, heartbeat: Heartbeat) -> None:
    client.get(f"/ping/{heartbeat.ping_key}/fail")
    judge_occurrences(timezone.now())
    client.post(f"/alerts/heartbeats/{heartbeat.pk}/pause", headers=bearer("alerts:write"))
    assert Alert.objects.get().state == "resolved"
    client.get(f"/ping/{heartbeat.ping_key}/fail")  # written down, nobody is told
    judge_occurrences(timezone.now())
    assert Alert.objects.count() == 1


# --- admin and pages -----------------------------------------------------------------------------------------------
@pytest.fixture
def chief() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("chief", "chief@desk.example", "pass word 1"))
    return client


def fields(**values: Any) -> dict[str, Any]:
    usual = {
        "name": "Nightly", "slug": "nightly", "project": make_project().pk, "severity": "error", "environment": "",
        "schedule_kind": "cron", "cron": "30 2 * * *", "time_zone": "Europe/London", "interval_seconds": 3600,
        "grace_seconds": 300, "failures_allowed": 0, "recoveries_needed": 1, "max_runtime_seconds": "",
        "entries-TOTAL_FORMS": 0, "entries-INITIAL_FORMS": 0,
    }  # fmt: skip
    return {**usual, **values}


def test_a_heartbeat_is_added_in_the_admin(chief: Client) -> None:
    answer = chief.post("/admin/alerts/heartbeat/add/", fields())
    assert answer.status_code == 302, answer.content.decode()
    row = Heartbeat.objects.get()
    page = chief.get(f"/admin/alerts/heartbeat/{row.pk}/change/").content.decode()
    assert f"/ping/{row.ping_key}" in page and f'href="/heartbeats/{row.pk}"' in page


@pytest.mark.parametrize(
    ("values", "says"),
    [({"cron": "61 * * * *"}, "Bad minute"), ({"time_zone": "Mars"}, "no time zone"), ({"cron": ""}, "five fields")],
)
def test_a_schedule_that_cannot_be_is_refused(chief: Client, values: dict[str, str], says: str) -> None:
    answer = chief.post("/admin/alerts/heartbeat/add/", fields(**values))
    assert answer.status_code == 200 and says in answer.content.decode()


def test_a_changed_schedule_moves_the_next_moment(chief: Client, heartbeat: Heartbeat) -> None:
    chief.get(f"/ping/{heartbeat.ping_key}")
    url = f"/admin/alerts/heartbeat/{heartbeat.pk}/change/"
    values = fields(schedule_kind="interval", interval_seconds=60, grace_seconds=60)
    values["entries-TOTAL_FORMS"] = 0
    assert chief.post(url, values).status_code == 302
    heartbeat.refresh_from_db()
    assert heartbeat.arrived_at is not None
    assert heartbeat.expected_at == heartbeat.arrived_at + timedelta(minutes=1)


def test_the_pages_show_state_history_and_how_to_report(chief: Client, heartbeat: Heartbeat) -> None:
    assert "Nightly settlement" in chief.get("/heartbeats").content.decode()
    chief.post(f"/ping/{heartbeat.ping_key}/fail", b"<script>alert(1)</script>", content_type="text/plain")
    page = chief.get(f"/heartbeats/{heartbeat.pk}").content.decode()
    assert "Failed" in page and f"/ping/{heartbeat.ping_key}/$?" in page and "<script>alert(1)" not in page
    answer = chief.post(f"/dashboard/actions/heartbeats/{heartbeat.pk}/pause", headers={"Accept": "application/json"})
    assert answer.json()["text"] == "Paused: Nightly settlement"
    assert "Resume" in chief.get(f"/heartbeats/{heartbeat.pk}").content.decode()


def test_a_viewer_sees_no_ping_url_and_cannot_pause(heartbeat: Heartbeat) -> None:
    client = Client()
    client.force_login(make_person("val", Role.VIEWER, heartbeat.project))
    assert heartbeat.ping_key not in client.get(f"/heartbeats/{heartbeat.pk}").content.decode()
    client.post(f"/dashboard/actions/heartbeats/{heartbeat.pk}/pause")
    heartbeat.refresh_from_db()
    assert heartbeat.state == "new"


def test_nobody_sees_the_heartbeats_of_another_project(heartbeat: Heartbeat) -> None:
    client = Client()
    client.force_login(make_person("mara", Role.MANAGER, make_project("ours")))
    assert client.get(f"/heartbeats/{heartbeat.pk}").status_code == 404
    assert "Nightly settlement" not in client.get("/heartbeats").content.decode()
