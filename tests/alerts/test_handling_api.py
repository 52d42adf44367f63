"""Snooze, assign, note, groups, silences, routes and "why" by API: each changes the data or shows a change of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.engine.turning import turn
from alerts.models import Alert, AlertGroup, Silence
from tests.alerts.builders import make_alert, story
from tests.projects.builders import bearer, make_project
from tradewatch.core.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_reader(settings, db) -> None:
    make_project()
    settings.ALERT_MAIL_TO = ["desk@example.com"]


def post(client: Client, path: str, body: object = None, *scopes: str):
    return client.post(
        path, body or {}, content_type="application/json", headers=bearer(*(scopes or ("alerts:write",)))
    )


def get(client: Client, path: str, **query: Any) -> Any:
    answer = client.get(path, query, headers=bearer("alerts:read"))
    assert answer.status_code == 200, answer.content
    return answer.json()


def grouped() -> Alert:
    alert = make_alert(at=timezone.now())
    turn(timezone.now())
    return alert


def test_a_snoozed_alert_says_what_holds_it_and_why(client: Client) -> None:
    alert = grouped()
    answer = post(client, f"/alerts/{alert.pk}/snooze", {"seconds": 3600, "note": "lunch"})
    assert answer.status_code == 200
    (shown,) = get(client, "/alerts/active")["results"]
    assert shown["suppressed_by"][0].startswith("Snoozed by ")
    assert get(client, f"/alerts/{alert.pk}/why")["sentence"].startswith("No message now: Snoozed by ")
    assert AuditEntry.objects.filter(action="alert.snooze").count() == 1
    for wrong in ({}, {"seconds": 60, "until": "2030-01-01T00:00:00Z"}, {"seconds": 1}):
        assert post(client, f"/alerts/{alert.pk}/snooze", wrong).status_code == 400


def test_a_note_and_an_owner_stand_on_the_timeline(client: Client) -> None:
    alert = grouped()
    assert post(client, f"/alerts/{alert.pk}/note", {"note": "asked the venue"}).status_code == 200
    assert post(client, f"/alerts/{alert.pk}/note", {}).status_code == 400
    assert post(client, f"/alerts/{alert.pk}/assign", {"user": "nobody-there"}).json()["errors"].keys() == {"user"}
    assert "asked the venue" in story(alert)
    assert post(client, f"/alerts/{alert.pk}/note", {"note": "x"}, "alerts:read").status_code == 403


def test_matchers_and_groups_narrow_the_list(client: Client) -> None:
    alert = grouped()
    (group,) = get(client, "/alerts/groups")["results"]
    assert (group["alerts"], group["labels"]) == (1, {"project": "default", "category": "system"})
    for query, found in (
        ({"matcher": 'source=~"cr.*", severity!=info'}, [alert.pk]),
        ({"matcher": "source=api"}, []),
        ({"group": group["id"]}, [alert.pk]),
        ({"group": 999}, []),
    ):
        assert [one["id"] for one in get(client, "/alerts/active", **query)["results"]] == found
    refused = client.get("/alerts/active", {"matcher": "source"}, headers=bearer("alerts:read"))
    assert refused.json()["errors"]["matcher"][0].startswith("at character 7: expected =")
    assert post(client, f"/alerts/groups/{group['id']}/acknowledge").json()["state"] == "acknowledged"
    assert Alert.objects.get().state == "acknowledged"
    assert AlertGroup.objects.get().covers_later


def test_a_silence_is_opened_listed_and_ended(client: Client) -> None:
    alert, end = grouped(), timezone.now() + timedelta(hours=1)
    body = {"matchers": "source=cron", "ends_at": end.isoformat(), "comment": "maintenance"}
    made = post(client, "/alerts/silences", body)
    assert (made.status_code, made.json()["state"]) == (201, "active")
    assert get(client, "/alerts/active")["results"][0]["suppressed_by"][0].startswith("Silenced by ")
    assert len(get(client, "/alerts/silences")["results"]) == 1
    path = f"/alerts/silences/{made.json()['id']}"
    assert get(client, path)["matchers"] == "source=cron"
    assert post(client, f"{path}/expire").json()["state"] == "expired"
    assert post(client, f"{path}/expire").status_code == 409
    assert get(client, "/alerts/active")["results"][0]["suppressed_by"] == []
    for field, value in (("matchers", 'a=~"("'), ("matchers", "{}"), ("ends_at", "2001-01-01T00:00:00Z")):
        assert list(post(client, "/alerts/silences", {**body, field: value}).json()["errors"]) == [field]
    assert Silence.objects.count() == 1
    assert alert.pk


def test_the_tree_is_readable_and_says_where_labels_would_go(client: Client) -> None:
    (route,) = get(client, "/alerts/routes")["results"]
    assert (route["name"], route["group_by"]) == ("All alerts", ["project", "category"])
    answer = post(client, "/alerts/routes/test", {"labels": {"severity": "critical"}}, "alerts:read").json()
    (place,) = answer["results"]
    assert (place["path"], place["receivers"]) == (["All alerts"], ["the project's people by e-mail"])
    assert place["timing"].startswith("first message after 0 s")
