from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from releases.models import Freeze, GateOverride
from tests.projects.builders import bearer, make_project, make_user
from tests.releases.gate.builders import HOUR, make_freeze, make_override, utc
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
OVERRIDE, OVERRIDES, FREEZES = "/release/gate/override", "/release/gate/overrides", "/release/freezes"
SAID = {"environment": "production", "version": "2.0.1", "reason": "Fix for the outage", "minutes": 30}
YEAR_END = {"name": "Year end", "starts_at": "2026-12-24T12:00:00Z", "ends_at": "2999-01-02T00:00:00Z"}


def post(client: Client, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    headers = headers or bearer("releases:write", name="release-desk")
    return client.post(path, body or {}, content_type="application/json", headers=headers)


def freeze_said(**fields: Any) -> dict[str, Any]:
    start = timezone.now() + HOUR
    return {"name": "Year end", "starts_at": start.isoformat(), "ends_at": (start + HOUR).isoformat(), **fields}


def test_an_override_is_told_listed_and_withdrawn_and_all_is_in_the_trail(client: Client) -> None:
    make_project()
    made = post(client, OVERRIDE, SAID)
    assert made.status_code == 201
    told = made.json()
    assert told == told | {name: SAID[name] for name in ("environment", "version", "reason")}
    row = GateOverride.objects.get()
    assert (row.ends_at - row.created_at, row.created_by) == (timedelta(minutes=30), "release-desk")
    listed = client.get(OVERRIDES, {"in_force": "true"}, headers=bearer("releases:read")).json()
    assert listed == {"results": [told], "next": None}
    gone = [post(client, f"{OVERRIDES}/{row.pk}/withdraw") for _ in range(2)]
    assert [each.status_code for each in gone] == [200, 200] and gone[0].json() == gone[1].json()
    assert gone[0].json()["withdrawn_at"]
    assert client.get(OVERRIDES, {"in_force": "1"}, headers=bearer("releases:read")).json()["results"] == []
    trail = AuditEntry.objects.order_by("id").values_list("action", "actor_label")
    assert list(trail) == [("gate.override", "release-desk"), ("gate.override.withdraw", "release-desk")]


def test_one_that_has_ended_cannot_be_withdrawn(client: Client) -> None:
    row = make_override(ends_at=timezone.now() - HOUR)
    assert post(client, f"{OVERRIDES}/{row.pk}/withdraw").status_code == 409
    assert post(client, f"{OVERRIDES}/{row.pk + 1}/withdraw").status_code == 404


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"reason": ""}, {"reason"}),
        ({"reason": "x" * 301}, {"reason"}),
        ({"reason": "a\u202eb"}, {"reason"}),
        ({"minutes": 0}, {"minutes"}),
        ({"minutes": 1441}, {"minutes"}),
        ({"minutes": "soon"}, {"minutes"}),
        ({"minutes": 10**30}, {"minutes"}),
        ({"environment": "a/b", "version": "-x"}, {"environment", "version"}),
        ({"environment": None}, {"environment"}),
    ],
)
def test_overrides_that_are_none(client: Client, said: dict[str, Any], fields: set[str]) -> None:
    make_project()
    answer = post(client, OVERRIDE, {**SAID, **said})
    assert (answer.status_code, answer.json()["errors"].keys()) == (400, fields)
    assert not GateOverride.objects.exists()


@pytest.mark.parametrize(
    ("role", "overrides", "freezes"), [(Role.VIEWER, 403, 403), (Role.RESPONDER, 201, 403), (Role.MANAGER, 201, 201)]
)
def test_responders_override_and_managers_freeze(client: Client, role: Role, overrides: int, freezes: int) -> None:
    client.force_login(make_user(role=role))
    assert client.post(OVERRIDE, SAID, content_type="application/json").status_code == overrides
    assert client.post(FREEZES, freeze_said(), content_type="application/json").status_code == freezes
    everywhere = client.post(FREEZES, freeze_said(all_projects=True), content_type="application/json")
    assert everywhere.status_code == 403
    assert client.get(FREEZES).status_code == 200


def test_others_projects_are_not_there(client: Client) -> None:
    mine, other = make_project("mine"), make_project("other")
    bound = bearer("releases:write", projects=[mine])
    override, freeze, of_all = make_override(project=other), make_freeze(project=other), make_freeze(project=None)
    assert post(client, f"{OVERRIDES}/{override.pk}/withdraw", headers=bound).status_code == 404
    assert post(client, f"{FREEZES}/{freeze.pk}/cancel", headers=bound).status_code == 404
    assert post(client, f"{FREEZES}/{of_all.pk}/cancel", headers=bound).status_code == 403
    assert [each["id"] for each in client.get(FREEZES, headers=bound).json()["results"]] == [of_all.pk]
    assert client.get(OVERRIDES, headers=bound).json()["results"] == []
    assert post(client, FREEZES, freeze_said(project="other"), headers=bound).status_code == 404


def test_a_freeze_in_the_words_of_a_wall_clock(client: Client) -> None:
    make_project()
    said = {
        "name": "Thanksgiving",
        "starts_at": "2099-03-06T16:00",
        "ends_at": "2099-03-09T09:00",
        "zone": "America/New_York",
        "environment": "production",
        "reason": "Thin desks",
    }
    told = post(client, FREEZES, said).json()
    assert (told["starts_at"], told["ends_at"]) == ("2099-03-06T21:00:00Z", "2099-03-09T13:00:00Z")  # clocks change
    assert (told["project"], told["environment"], told["created_by"]) == ("default", "production", "release-desk")
    absolute = post(client, FREEZES, {**said, "starts_at": "2099-03-06T16:00+01:00"}).json()
    assert absolute["starts_at"] == "2099-03-06T15:00:00Z"
    cancelled = [post(client, f"{FREEZES}/{told['id']}/cancel") for _ in range(2)]
    assert cancelled[0].json() == cancelled[1].json() and cancelled[0].json()["cancelled_at"]
    assert list(AuditEntry.objects.values_list("action", flat=True)).count("freeze.cancel") == 1


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"name": ""}, {"name"}),
        ({"name": "x" * 121, "reason": "y" * 301}, {"name", "reason"}),
        ({"zone": "Mars/Base"}, {"zone"}),
        ({"zone": "../../etc/passwd"}, {"zone"}),
        ({"starts_at": "soon", "ends_at": "25:00"}, {"starts_at", "ends_at"}),
        ({"starts_at": "2026-11-25T25:00"}, {"starts_at"}),
        ({"ends_at": "2020-01-01T00:00:00Z"}, {"ends_at"}),
        ({"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-01-02T00:00:00Z"}, {"ends_at"}),
        ({"ends_at": "2999-01-01T00:00:00Z"}, {"ends_at"}),
        ({"ends_at": "9999-12-31T23:59:59-12:00"}, {"ends_at"}),
        ({"environment": "a\\b"}, {"environment"}),
    ],
)
def test_freezes_that_are_none(client: Client, said: dict[str, Any], fields: set[str]) -> None:
    make_project()
    answer = post(client, FREEZES, freeze_said(**said))
    assert (answer.status_code, answer.json()["errors"].keys()) == (400, fields)
    assert not Freeze.objects.exists()


def test_freezes_are_paged_and_narrowed(client: Client) -> None:
    rows = [make_freeze(name=f"F{n}", starts_at=utc(f"{n + 10} 12:00")) for n in range(5)]
    make_freeze(name="gone", cancelled_at=timezone.now(), environment="staging")
    make_freeze(name="to come", environment="staging", starts_at=timezone.now() + HOUR / 2)

    def names(**query: Any) -> list[str]:
        return [each["name"] for each in client.get(FREEZES, query, headers=bearer("releases:read")).json()["results"]]

    first = client.get(FREEZES, {"limit": 4}, headers=bearer("releases:read")).json()
    rest = client.get(FREEZES, {"limit": 4, "cursor": first["next"]}, headers=bearer("releases:read")).json()
    assert sorted(each["name"] for each in first["results"] + rest["results"]) == sorted(
        [*(row.name for row in rows), "gone", "to come"]
    )
    assert "gone" not in names(in_force="true") and "to come" in names(in_force="true")
    assert "to come" not in names(environment="production")
