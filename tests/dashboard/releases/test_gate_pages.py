import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.choices import AlertSeverity
from releases.gate.asking import ask, keep
from releases.models import Freeze, GateAnswer, GateOverride
from tests.alerts.builders import make_alert
from tests.calendars.builders import thanksgiving_week
from tests.dashboard.releases.test_pages import text
from tests.projects.builders import make_project, make_user
from tests.releases.builders import MINUTE, make_deployment, see
from tests.releases.gate.builders import HOUR, make_freeze, make_override, make_window
from tradewatch.core.actors import Actor
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
GATE, FREEZES, NEW = "/releases/gate", "/releases/freezes", "/releases/freezes/new"
SAID = {"version": "2.0.1", "reason": "Fix for the outage", "minutes": "60"}
WINTER = {
    "name": "Thanksgiving",
    "environment": "production",
    "starts_at": "2099-03-06T16:00",
    "ends_at": "2099-03-09T09:00",
    "zone": "America/New_York",
    "reason": "Thin desks",
}


@pytest.fixture
def responder(client: Client) -> None:
    client.force_login(make_user("mia", role=Role.RESPONDER))


@pytest.fixture
def manager(client: Client) -> None:
    client.force_login(make_user("max", role=Role.MANAGER))


def critical(title: str = "Error rate 2.1%") -> None:
    make_alert(severity=AlertSeverity.CRITICAL, environment="production", title=title, dedup_key=title)


@pytest.mark.usefixtures("responder")
def test_it_asks_for_an_environment_first(client: Client) -> None:
    see("2.0.1", at=timezone.now(), environment="staging")
    found = client.get(GATE).content.decode()
    assert "Choose an environment" in found and '<option value="staging">' in found
    assert '<option value="2.0.1">' in found
    assert GateAnswer.objects.count() == 0


@pytest.mark.usefixtures("responder")
def test_the_answer_with_its_reasons_evidence_and_time(client: Client) -> None:
    make_freeze(name="Year end", reason="Settlement", ends_at=timezone.now() + 3 * HOUR)
    critical()
    make_window(name="Quiet tape")
    found = text(client, f"{GATE}?environment=production&version=2.0.1")
    assert re.search(r"No go: (freeze “Year end”|1 critical alert open) and 2 more", found)
    assert re.search(r"Ask again at .* in 2 h 59 min, if what no clock ends is over by then", found)
    assert "Settlement" in found and "Error rate 2.1%" in found
    assert "Quiet tape only outside the session of XNYS" in found
    assert not GateAnswer.objects.exists()


@pytest.mark.usefixtures("responder")
def test_another_moment_in_a_named_zone(client: Client) -> None:
    thanksgiving_week()
    make_window()
    found = text(client, f"{GATE}?environment=production&at=2026-11-27T12:30&zone=America/New_York")
    assert "As if it were Fri 27 Nov 2026 17:30 UTC" in found and "(a half day)" in found
    assert "Ask again at 18:00 UTC, in 30 min" in found
    after = text(client, f"{GATE}?environment=production&at=2026-11-27T13:30&zone=America/New_York")
    assert "Go. Nothing speaks against it" in after


@pytest.mark.usefixtures("responder")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("environment=a/b", "must not contain /"),
        ("environment=production&version=--x", "nor begin with -"),
        ("environment=production&at=soon", "expected an ISO 8601 time"),
        ("environment=production&at=2026-11-27T12:30&zone=Mars", "is no time zone"),
    ],
)
def test_a_question_that_is_none_keeps_what_was_written(client: Client, query: str, said: str) -> None:
    answer = client.get(f"{GATE}?{query}")
    assert answer.status_code == 400 and said in answer.content.decode()
    assert "Why" not in text_of(answer)


def text_of(answer: Any) -> str:
    return re.sub(r"<[^>]+>", " ", answer.content.decode().split("<main")[1])


@pytest.mark.usefixtures("responder")
def test_a_responder_overrides_and_withdraws(client: Client) -> None:
    critical()
    address = f"{GATE}?environment=production&version=2.0.1"
    done = client.post(address, SAID, follow=True)
    assert done.redirect_chain == [(address, 302)]
    row = GateOverride.objects.get()
    assert (row.created_by, row.environment, row.version, row.reason) == (
        "mia",
        "production",
        "2.0.1",
        "Fix for the outage",
    )
    found = text_of(done)
    assert "Warn: 1 critical alert open" in found and "mia overrides it until" in found and "overridden" in found
    undo = client.post(f"/dashboard/actions/gate-overrides/{row.pk}/withdraw")
    assert undo.status_code == 302
    assert "No go: 1 critical alert open" in text(client, address)
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"gate.override", "gate.override.withdraw"}


@pytest.mark.usefixtures("responder")
def test_an_override_without_a_reason_stands_beside_its_field(client: Client) -> None:
    answer = client.post(f"{GATE}?environment=production", {**SAID, "reason": "", "version": "../x"})
    assert answer.status_code == 400
    assert "This field is required" in answer.content.decode() and 'value="../x"' in answer.content.decode()
    hostile = client.post(f"{GATE}?environment=production", {**SAID, "version": "../x"})
    assert "must not contain /" in hostile.content.decode()
    assert not GateOverride.objects.exists()


def test_a_viewer_reads_and_changes_nothing(client: Client) -> None:
    client.force_login(make_user("vic", role=Role.VIEWER))
    row, freeze = make_override(), make_freeze()
    found = client.get(f"{GATE}?environment=production").content.decode()
    assert "Withdraw" not in found and 'name="reason"' not in found
    client.post(f"{GATE}?environment=production", SAID)
    client.post(f"/dashboard/actions/gate-overrides/{row.pk}/withdraw")
    client.post(f"/dashboard/actions/freezes/{freeze.pk}/cancel")
    client.post(NEW, WINTER)
    row.refresh_from_db()
    freeze.refresh_from_db()
    assert row.withdrawn_at is None and freeze.cancelled_at is None
    assert (GateOverride.objects.count(), Freeze.objects.count()) == (1, 1)


@pytest.mark.usefixtures("manager")
def test_a_manager_freezes_in_a_zone_whose_clocks_change_in_between(client: Client) -> None:
    done = client.post(NEW, WINTER, follow=True)
    row = Freeze.objects.get()
    assert f"{row.starts_at:%d %H:%M} {row.ends_at:%d %H:%M}" == "06 21:00 09 13:00"
    assert (row.project, row.zone, row.created_by) == (make_project(), "America/New_York", "max")
    found = text_of(done)
    assert "Thanksgiving" in found and "to come" in found
    assert "Fri 06 Mar 16:00 to Mon 09 Mar 09:00 America/New_York" in found
    client.post(f"/dashboard/actions/freezes/{row.pk}/cancel")
    assert "cancelled" in text(client, FREEZES)


@pytest.mark.usefixtures("manager")
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"zone": "Mars/Base"}, "is no time zone"),
        ({"starts_at": "soon"}, "expected an ISO 8601 time"),
        ({"ends_at": "2099-03-06T15:00"}, "expected a time after the start"),
        ({"starts_at": "2020-01-01T10:00", "ends_at": "2020-01-01T11:00"}, "has passed already"),
        ({"environment": "a/b"}, "must not contain /"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_freeze_that_is_none(client: Client, said: dict[str, str], words: str) -> None:
    answer = client.post(NEW, {**WINTER, **said})
    assert answer.status_code == 400 and words in answer.content.decode()
    assert 'value="Thin desks"' in answer.content.decode()
    assert not Freeze.objects.exists()


def test_only_a_superuser_freezes_all(client: Client) -> None:
    client.force_login(make_user("max", role=Role.MANAGER))
    client.post(NEW, {**WINTER, "all_projects": "on"})
    assert Freeze.objects.get().project == make_project()  # the box is not in the form
    client.force_login(make_user("chief", is_superuser=True))
    client.post(NEW, {**WINTER, "all_projects": "on"})
    assert Freeze.objects.filter(project=None).count() == 1
    assert "Freeze" in text(client, FREEZES) and "all projects" in text(client, FREEZES)


@pytest.mark.usefixtures("responder")
def test_others_projects_are_not_there(client: Client) -> None:
    other = make_project("other")
    freeze, row = make_freeze(project=other, name="Theirs"), make_override(project=other)
    assert "Theirs" not in text(client, FREEZES)
    assert client.post(f"/dashboard/actions/freezes/{freeze.pk}/cancel").status_code == 404
    assert client.post(f"/dashboard/actions/gate-overrides/{row.pk}/withdraw").status_code == 404
    assert client.get(f"{GATE}?project=other&environment=production").status_code == 404


@pytest.mark.usefixtures("responder")
def test_freezes_are_paged(client: Client) -> None:
    for number in range(32):
        make_freeze(name=f"freeze-{number:02d}", starts_at=timezone.now() - number * HOUR)
    first = client.get(FREEZES).content.decode()
    assert "freeze-00" in first and "freeze-31" not in first
    older = re.search(r'href="([^"]*cursor=[^"]*)"', first)
    assert older is not None
    assert "freeze-31" in client.get(older[1].replace("&amp;", "&")).content.decode()


@pytest.mark.usefixtures("responder")
def test_the_cards_of_the_list_say_what_the_gate_says(client: Client) -> None:
    make_deployment("2.0.0", started_at=timezone.now() - HOUR)
    make_deployment("2.1.0", started_at=timezone.now() - HOUR, environment="staging")
    for number in range(3):
        critical(f"Alert {number}")
    make_freeze(environment="settlement")
    found = text(client, "/releases")
    assert "Gate now: no go , 3 critical alerts open" in found
    assert "Gate now: go" in found
    assert "Freezes 1" in found and "Ask the gate" in found
    assert f"{GATE}?project=default&amp;environment=production" in client.get("/releases").content.decode()


@pytest.mark.usefixtures("responder")
def test_a_deployments_page_says_what_the_gate_said_before_it(client: Client) -> None:
    now = timezone.now()
    github = Actor("token", 1, "github")
    make_freeze(name="Year end", starts_at=now - 3 * HOUR)
    make_override(version="2.0.1", created_by="mia", reason="Outage", ends_at=now + HOUR)
    project = make_project()
    keep(github, project, ask(project, "production", "2.0.1", now=now - 2 * HOUR))
    keep(github, project, ask(project, "production", "2.0.1", now=now - MINUTE))
    keep(github, project, ask(project, "staging", "2.0.1", now=now - MINUTE))
    row = make_deployment("2.0.1", started_at=now - HOUR)
    found = text(client, f"/releases/deployments/{row.pk}")
    assert re.search(r"Gate said before it started Warn\s+at .* asked by github", found)
    assert "Overridden by mia: Outage" in found and "Freeze “Year end”" in found
    old = make_deployment("1.9", started_at=now - timedelta(days=3))
    assert "Gate said" not in text(client, f"/releases/deployments/{old.pk}")


@pytest.mark.usefixtures("responder")
def test_the_lines_for_ci_have_this_servers_address(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://watch.desk.example"
    found = client.get("/releases/ci").content.decode()
    assert "TRADEWATCH_URL: https://watch.desk.example" in found
    assert "sh ci/tradewatch-deploy.sh --environment production" in found
    script = client.get("/releases/ci/tradewatch-deploy.sh")
    assert script.content.startswith(b"#!/bin/sh") and "attachment" in script["Content-Disposition"]
    assert client.get("/releases/ci").content.decode().count("data-copy") == 3
