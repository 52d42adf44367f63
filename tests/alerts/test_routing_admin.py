"""Routes, silences and what else holds messages, in the admin: faults at their field, rights by role."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import AlertClassificationRule, AlertGroup, Inhibition, MaintenanceWindow, QuietHours, Route, Silence
from tests.admin.builders import make_person
from tests.alerts.builders import make_alert, turn_after
from tests.projects.builders import make_project
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(admin_client: Client) -> Client:
    return admin_client


def as_person(role: Role) -> Client:
    client = Client()
    client.force_login(make_person("rosa", role, make_project()))
    return client


def route_form(**fields: object) -> dict[str, object]:
    return {"name": "Pages", "parent": Route.objects.get(parent=None).pk, "position": 1, "is_enabled": "on", **fields}


def test_every_list_and_form_opens(boss: Client) -> None:
    make_alert()
    turn_after()
    project = make_project()
    rows = [
        Route.objects.get(),
        AlertGroup.objects.get(),
        AlertClassificationRule.objects.first(),
        QuietHours.objects.create(name="Night", windows=[{"times": ["22:00-06:00"]}]),
        MaintenanceWindow.objects.create(name="Upgrade", windows=[{"weekdays": ["saturday"]}]),
        Inhibition.objects.create(name="Venue", source="source=venue", target="source=orders"),
        Silence.objects.create(
            project=project, matchers="a=b", starts_at=timezone.now(), ends_at=timezone.now(), comment="x"
        ),
    ]
    for row in rows:
        assert row is not None
        base = f"/admin/alerts/{row._meta.model_name}/"
        for path in (base, f"{base}{row.pk}/change/"):
            assert boss.get(path).status_code == 200, path


def test_a_route_is_made_and_its_faults_stand_at_their_field(boss: Client) -> None:
    answer = boss.post("/admin/alerts/route/add/", route_form(matchers='severity=~"a(b"', group_interval_seconds=1))
    errors = answer.context["adminform"].form.errors
    assert errors["matchers"][0].startswith("at character 11: not a regular expression: ")
    assert errors["group_interval_seconds"] == ["at least 10 seconds"]
    assert boss.post("/admin/alerts/route/add/", route_form(matchers="severity=critical")).status_code == 302
    assert Route.objects.get(name="Pages").parent == Route.objects.get(parent=None)


def test_a_second_root_and_a_loop_are_refused(boss: Client) -> None:
    answer = boss.post("/admin/alerts/route/add/", route_form(parent=""))
    assert "there is one root" in answer.context["adminform"].form.errors["parent"][0]
    boss.post("/admin/alerts/route/add/", route_form(matchers="a=b"))
    page = Route.objects.get(name="Pages")
    answer = boss.post(f"/admin/alerts/route/{page.pk}/change/", route_form(parent=page.pk))
    assert answer.context["adminform"].form.errors["parent"] == ["a route cannot hang under itself"]


def test_a_responder_silences_and_ends_it_and_changes_no_route() -> None:
    rosa, now = as_person(Role.RESPONDER), timezone.now()
    form = {
        "project": make_project().pk,
        "matchers": "source=cron",
        "comment": "venue maintenance",
        "starts_at_0": f"{now:%Y-%m-%d}",
        "starts_at_1": f"{now:%H:%M:%S}",
        "ends_at_0": f"{now + timedelta(days=1):%Y-%m-%d}",
        "ends_at_1": "12:00:00",
    }
    assert rosa.post("/admin/alerts/silence/add/", form).status_code == 302
    silence = Silence.objects.get()
    assert (silence.created_by, silence.state) == ("rosa", "active")
    changed = {**form, "matchers": "source=batch"}
    assert rosa.post(f"/admin/alerts/silence/{silence.pk}/change/", changed).status_code == 302
    old, new = Silence.objects.order_by("id")
    assert (old.matchers, old.state, new.matchers, new.replaces) == ("source=cron", "expired", "source=batch", old)
    rosa.post("/admin/alerts/silence/", {"action": "end_now", "_selected_action": new.pk})
    new.refresh_from_db()
    assert (new.state, new.ended_by) == ("expired", "rosa")
    assert rosa.post("/admin/alerts/route/add/", route_form()).status_code == 403


def test_a_viewer_sees_and_changes_nothing() -> None:
    vera = as_person(Role.VIEWER)
    assert vera.get("/admin/alerts/silence/").status_code == 200
    assert vera.get("/admin/alerts/route/").status_code == 200
    assert vera.get("/admin/alerts/silence/add/").status_code == 403
