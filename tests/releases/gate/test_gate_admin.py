from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from releases.gate.asking import ask, keep
from releases.models import DeploymentWindow, Freeze, GateAnswer, GateOverride
from tests.calendars.builders import make_market
from tests.projects.builders import make_project, make_user
from tests.releases.gate.builders import HOUR, make_freeze, make_override, make_window
from tests.releases.test_admin import log_in
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
FREEZES, WINDOWS = "/admin/releases/freeze/", "/admin/releases/deploymentwindow/"
OVERRIDES, ANSWERS = "/admin/releases/gateoverride/", "/admin/releases/gateanswer/"


def freeze_said(**more: Any) -> dict[str, Any]:
    start = timezone.now() + HOUR
    moments = {
        f"{name}_{part}": f"{at:%Y-%m-%d}" if part == "0" else f"{at:%H:%M}"
        for name, at in (("starts_at", start), ("ends_at", start + HOUR))
        for part in "01"
    }
    return {"project": make_project().pk, "name": "Year end", "zone": "UTC", **moments, **more}


def window_said(**more: Any) -> dict[str, Any]:
    values = {"project": make_project().pk, "name": "Quiet tape", "rule": "outside_session", "calendar": "XNYS"}
    times = {"minutes_before": 30, "minutes_after": 15, "times": "[]", "zone": "UTC"}
    return {**values, **times, "decision": "no_go", "is_enabled": "on", **more}


def override_said(**more: Any) -> dict[str, Any]:
    said = {"project": make_project().pk, "environment": "production", "version": "2.0.1", "minutes": 30}
    return {**said, "reason": "Outage", **more}


def act(client: Client, path: str, name: str, row: Any) -> str:
    return client.post(path, {"action": name, "_selected_action": [row.pk]}, follow=True).content.decode()


def errors_of(answer: Any) -> set[str]:
    return set(answer.context["adminform"].form.errors)


def test_a_manager_adds_a_freeze_cancels_it_and_never_edits_it(client: Client) -> None:
    log_in(client, Role.MANAGER)
    assert client.post(f"{FREEZES}add/", freeze_said()).status_code == 302
    row = Freeze.objects.get()
    assert (row.name, row.created_by, row.ends_at - row.starts_at) == ("Year end", "mia", HOUR)
    client.post(f"{FREEZES}{row.pk}/change/", freeze_said(name="Other"))
    assert client.post(f"{FREEZES}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "1 cancelled" in act(client, FREEZES, "cancel", row)
    row.refresh_from_db()
    assert row.name == "Year end" and row.cancelled_at
    trail = AuditEntry.objects.filter(actor_label="mia").order_by("id").values_list("action", "actor_label")
    assert list(trail) == [("freeze.add", "mia"), ("freeze.cancel", "mia")]


def test_a_freeze_of_all_takes_a_superuser(client: Client) -> None:
    log_in(client, Role.MANAGER)
    assert client.post(f"{FREEZES}add/", freeze_said(project="")).status_code == 403
    of_all = make_freeze(project=None)
    assert "needs a superuser" in act(client, FREEZES, "cancel", of_all)
    client.force_login(make_user("chief", is_superuser=True))
    assert client.post(f"{FREEZES}add/", freeze_said(project="")).status_code == 302
    assert Freeze.objects.filter(project=None).count() == 2


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"zone": "Mars"}, {"zone"}),
        ({"environment": "a/b"}, {"environment"}),
        ({"ends_at_0": "2020-01-01"}, {"ends_at"}),
    ],
)
def test_a_freeze_that_is_none(client: Client, said: dict[str, str], fields: set[str]) -> None:
    log_in(client, Role.MANAGER)
    assert errors_of(client.post(f"{FREEZES}add/", freeze_said(**said))) == fields
    assert not Freeze.objects.exists()


@pytest.mark.parametrize(("role", "freezes", "overrides"), [(Role.VIEWER, 403, 403), (Role.RESPONDER, 403, 302)])
def test_roles(client: Client, role: Role, freezes: int, overrides: int) -> None:
    log_in(client, role)
    make_market()
    assert client.post(f"{FREEZES}add/", freeze_said()).status_code == freezes
    assert client.post(f"{WINDOWS}add/", window_said()).status_code == freezes
    assert client.post(f"{OVERRIDES}add/", override_said()).status_code == overrides
    for path in (FREEZES, WINDOWS, OVERRIDES, ANSWERS):
        assert client.get(path).status_code == 200


def test_a_manager_sets_windows_and_the_trail_knows(client: Client) -> None:
    log_in(client, Role.MANAGER)
    make_market()
    assert client.post(f"{WINDOWS}add/", window_said()).status_code == 302
    row = DeploymentWindow.objects.get()
    assert client.post(f"{WINDOWS}{row.pk}/change/", window_said(decision="warn")).status_code == 302
    row.refresh_from_db()
    assert (row.decision, row.minutes_before) == ("warn", 30)
    trail = AuditEntry.objects.filter(actor_label="mia").order_by("id")
    assert list(trail.values_list("action", flat=True)) == ["rule.create", "rule.change"]


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"calendar": "XXXX"}, {"calendar"}),
        ({"calendar": "24/7"}, {"calendar"}),
        ({"decision": "go"}, {"decision"}),
        ({"zone": "Mars"}, {"zone"}),
        ({"rule": "times"}, {"times"}),
        ({"rule": "times", "times": '[{"times": ["25:00-26:00"]}]'}, {"times"}),
        ({"rule": "times", "times": '{"times": []}'}, {"times"}),
        ({"rule": "times", "times": '[{"weekdays": ["someday"]}]'}, {"times"}),
    ],
)
def test_windows_that_are_none(client: Client, said: dict[str, str], fields: set[str]) -> None:
    log_in(client, Role.MANAGER)
    make_market()
    make_market("24/7", is_always_open=True)
    assert errors_of(client.post(f"{WINDOWS}add/", window_said(**said))) == fields
    assert not DeploymentWindow.objects.exists()


def test_a_responder_overrides_and_withdraws(client: Client) -> None:
    log_in(client, Role.RESPONDER)
    assert client.post(f"{OVERRIDES}add/", override_said()).status_code == 302
    row = GateOverride.objects.get()
    assert (row.created_by, row.ends_at - row.created_at) == ("mia", timedelta(minutes=30))
    client.post(f"{OVERRIDES}{row.pk}/change/", override_said(reason="Other"))
    row.refresh_from_db()
    assert row.reason == "Outage"
    assert "1 withdrawn" in act(client, OVERRIDES, "withdraw", row)
    assert errors_of(client.post(f"{OVERRIDES}add/", override_said(reason="", version="../x"))) == {"reason"}
    assert errors_of(client.post(f"{OVERRIDES}add/", override_said(version="../x"))) == {"version"}
    over = make_override(ends_at=timezone.now() - HOUR)
    assert "it has ended already" in act(client, OVERRIDES, "withdraw", over)


def test_answers_are_read_and_never_written(client: Client) -> None:
    log_in(client, Role.MANAGER)
    row = keep(SYSTEM, make_project(), ask(make_project(), "production", "2.0.1", now=timezone.now()))
    assert row is not None
    assert "2.0.1" in client.get(ANSWERS).content.decode()
    assert client.get(f"{ANSWERS}{row.pk}/change/").status_code == 200
    assert client.get(f"{ANSWERS}add/").status_code == 403
    client.post(f"{ANSWERS}{row.pk}/change/", {"decision": "no_go"})
    assert client.post(f"{ANSWERS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert GateAnswer.objects.get().decision == "go"


def test_others_rows_are_not_shown(client: Client) -> None:
    log_in(client, Role.MANAGER)
    other = make_project("other")
    rows = [
        (FREEZES, make_freeze(project=other)),
        (WINDOWS, make_window(project=other)),
        (OVERRIDES, make_override(project=other)),
    ]
    for path, row in rows:
        assert client.get(f"{path}{row.pk}/change/").status_code == 302
        assert f"/{row.pk}/change/" not in client.get(path).content.decode()
