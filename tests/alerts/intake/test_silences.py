"""Silences through Alertmanager's API: what amtool asks for, and who may."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Silence
from tests.alerts.intake.builders import make_source, pushed
from tests.projects.builders import bearer, make_project
from tradewatch.core.models import AuditEntry

pytestmark = pytest.mark.django_db
PATH = "/api/v2/silences"


@pytest.fixture(autouse=True)
def _project() -> None:
    make_project()


def asked(**fields: Any) -> dict[str, Any]:
    now = timezone.now()
    usual = {
        "matchers": [{"name": "alertname", "value": "High.*", "isRegex": True, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "root",
        "comment": "venue maintenance",
    }
    return {**usual, **fields}


def send(method: str, path: str = PATH, body: Any = None, headers: Any = None) -> Any:
    headers = headers or bearer("alerts:write")
    if method == "delete":
        return Client().delete(path, headers=headers)
    return Client().post(path, body, content_type="application/json", headers=headers)


def test_a_silence_is_opened_shown_and_ended() -> None:
    identity = send("post", body=asked()).json()["silenceID"]
    row = Silence.objects.get()
    assert (row.matchers, row.created_by) == ('alertname=~"High.*"', "ci")
    [shown] = Client().get(PATH, headers=bearer("alerts:read")).json()
    assert (shown["id"], shown["status"], shown["matchers"]) == (identity, {"state": "active"}, asked()["matchers"])
    send("post", "/api/v2/alerts", [pushed()])
    [alert] = Client().get("/api/v2/alerts", headers=bearer("alerts:read")).json()
    assert alert["status"] == {"inhibitedBy": [], "silencedBy": [identity], "state": "suppressed"}
    assert Client().get("/api/v2/alerts?silenced=false", headers=bearer("alerts:read")).json() == []
    assert Client().get(f"/api/v2/silence/{identity}", headers=bearer("alerts:read")).json()["id"] == identity
    assert send("delete", f"/api/v2/silence/{identity}").status_code == 200
    row.refresh_from_db()
    assert row.state == "expired"
    assert AuditEntry.objects.filter(action__startswith="silence.").count() == 2


def test_other_matchers_under_the_same_id_end_it_and_open_another() -> None:
    identity = send("post", body=asked()).json()["silenceID"]
    other = [{"name": "host", "value": "a", "isRegex": False}]
    changed = send("post", body=asked(id=identity, matchers=other)).json()["silenceID"]
    assert changed != identity
    assert list(Silence.objects.order_by("id").values_list("matchers", flat=True)) == [
        'alertname=~"High.*"',
        'host="a"',
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"matchers": []}, "matchers"),
        ({"matchers": [{"name": "", "value": "x"}]}, "matchers.0"),
        ({"matchers": [{"name": "a", "value": "(", "isRegex": True}]}, "matchers"),
        ({"endsAt": None}, "endsAt"),
        ({"endsAt": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"startsAt": "soon"}, "startsAt"),
        ({"id": "nonsense"}, "id"),
    ],
)
def test_a_bad_silence_is_refused_with_its_field(fields: dict[str, Any], field: str) -> None:
    answer = send("post", body=asked(**fields))
    assert answer.status_code == 400, answer.content
    assert field in answer.json()["errors"], answer.json()


def test_a_sources_key_and_a_readers_token_open_none_and_another_projects_is_unknown() -> None:
    _, key = make_source()
    for headers in ({"Authorization": f"Bearer {key}"}, bearer("alerts:read")):
        assert send("post", body=asked(), headers=headers).status_code == 403
    theirs = make_project("theirs")
    identity = send("post", body=asked(), headers=bearer("alerts:write", projects=[theirs])).json()["silenceID"]
    assert send("delete", f"/api/v2/silence/{identity}").status_code == 404
    assert not Silence.objects.exclude(project=theirs).exists()
