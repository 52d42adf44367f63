import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sla.models import Report, ReportMailing
from sla.reports.asking import read_asked
from sla.reports.canonical import digest_of
from sla.reports.keeping import keep
from tests.projects.builders import make_project, make_user
from tests.sla.reports.rows import count_minutes, make_target
from tests.sla.reports.schedules.test_sending import make_schedule
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def report() -> Report:
    now = timezone.now()
    count_minutes(make_target(), {now.replace(second=0, microsecond=0) - timedelta(hours=1): (2000, 1)})
    return keep(SYSTEM, make_project(), read_asked({"period_days": "7"}), now=now)


def visitor(client: Client, role: Role = Role.VIEWER, project: str = "default") -> Client:
    client.force_login(make_user(f"{role}-{project}", role=role, project=make_project(project)))
    return client


def test_the_list_shows_what_is_kept_due_and_sent(client: Client, report: Report) -> None:
    schedule = make_schedule(next_due_at=timezone.now())
    for fields in ({"fault": "SMTPServerDisconnected", "attempts": 8}, {"sent_at": timezone.now(), "told": ["a@b.c"]}):
        due = timezone.now() + timedelta(seconds=ReportMailing.objects.count())
        ReportMailing.objects.create(schedule=schedule, report=report, period="2026-11", due_at=due, **fields)
    page = visitor(client).get("/sla/reports").content.decode()
    for said in (report.name, report.lede, "Monthly to the desk", "Given up", "after 8 tries", "to 1 address"):
        assert said in page
    assert "Make one now" not in page


def test_a_kept_report_opens_with_its_figures_and_files(client: Client, report: Report) -> None:
    visitor(client)
    answer = client.get(report.get_absolute_url())
    page = answer.content.decode()
    assert "1 / 2,000" in page and "SHA-256 verified" in page and report.sha256 in page
    assert "unsafe" not in answer["Content-Security-Policy"] and not re.search(r"\sstyle=|<style|<script>", page)
    found = client.get(f"{report.get_absolute_url()}/json")
    assert digest_of(found.content) == report.sha256
    assert json.loads(found.content)["targets"][0]["adjusted"]["valid"] == "2000"
    assert "2000,1" in client.get(f"{report.get_absolute_url()}/csv").content.decode()
    assert client.get(f"{report.get_absolute_url()}/xlsx").status_code == 404


def test_others_reports_are_not_there(client: Client, report: Report) -> None:
    visitor(client, Role.MANAGER, "theirs")
    for path in (report.get_absolute_url(), f"{report.get_absolute_url()}/csv"):
        assert client.get(path).status_code == 404
    assert client.post(f"/dashboard/actions/sla-reports/{report.pk}/verify").status_code == 404
    assert client.post("/dashboard/actions/sla-reports/keep", {"project": "default"}).status_code == 404
    assert report.name not in client.get("/sla/reports").content.decode()


def test_a_responder_keeps_one_and_a_viewer_is_told_no(client: Client, report: Report) -> None:
    asked = {"project": "default", "period": "2026", "other": "90d"}
    visitor(client)
    client.post("/dashboard/actions/sla-reports/keep", asked)
    assert Report.objects.count() == 1
    visitor(client, Role.RESPONDER)
    assert "Make one now" in client.get("/sla/reports").content.decode()
    answer = client.post("/dashboard/actions/sla-reports/keep", asked)
    made = Report.objects.exclude(pk=report.pk).get()
    assert (answer.headers["Location"], made.label) == (made.get_absolute_url(), "last 90 days")
    answer = client.post("/dashboard/actions/sla-reports/keep", {**asked, "other": "2999-01"}, follow=True)
    assert "has not begun" in answer.content.decode() and Report.objects.count() == 2


def test_verifying_computes_the_sum_again(client: Client, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor(client)
    path = f"/dashboard/actions/sla-reports/{report.pk}/verify"
    said = client.post(path, headers={"Accept": "application/json"}).json()
    assert report.sha256[:12] in said["text"] and not said["failed"]
    monkeypatch.setattr("sla.reports.keeping.digest_of", lambda content: "0" * 64)
    said = client.post(path, headers={"Accept": "application/json"}).json()
    assert said["failed"] and "changed the database" in said["text"]
    assert "do not have the SHA-256" in client.get(report.get_absolute_url()).content.decode()
