import pytest
from django.test import Client

from alerts.models import EscalationPolicy, EscalationStep, EscalationTarget, Override
from tests.alerts.oncall.builders import make_override, make_person, make_schedule
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
AT = "2026-11-23T15:12:00Z"


def test_who_is_on_call_at_a_moment(client: Client) -> None:
    jonas, priya = make_person("jonas", last_name="Okafor"), make_person("priya")
    schedule = make_schedule(jonas, priya)
    make_schedule(name="Nights")
    answer = client.get(f"/alerts/oncall?at={AT}", headers=bearer("alerts:read")).json()
    empty, found = answer["results"]
    assert (answer["at"], answer["next"]) == (AT, None)
    assert found["schedule"] == {"id": schedule.pk, "name": "Order path", "zone": "America/New_York"}
    assert found["user"] == {"id": jonas.pk, "username": "jonas", "name": "Jonas Okafor"}
    assert found["next_handoff"]["at"] == "2026-11-24T14:00:00Z"
    assert found["next_handoff"]["user"]["username"] == "priya"
    assert (empty["user"], empty["layer"], empty["next_handoff"]) == (None, "", None)
    make_override(schedule, "2026-11-23T15:00", "2026-11-23T16:00", priya)
    changed = client.get(f"/alerts/oncall?at={AT}", headers=bearer("alerts:read")).json()["results"][1]
    assert (changed["user"]["username"], changed["layer"]) == ("priya", "override")


def test_credentials_and_nonsense(client: Client) -> None:
    assert client.get("/alerts/oncall").status_code == 401
    assert client.get("/alerts/oncall", headers=bearer("errors:read")).status_code == 403
    refused = client.get("/alerts/oncall?at=soon", headers=bearer("alerts:read"))
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["at"])
    assert client.get("/alerts/schedules/999", headers=bearer("alerts:read")).status_code == 404
    assert client.get("/alerts/policies/999", headers=bearer("alerts:read")).status_code == 404


def test_a_schedule_with_its_duties_and_gaps(client: Client) -> None:
    jonas = make_person("jonas")
    schedule = make_schedule(jonas, restrictions=[{"times": ["09:00-17:00"]}])
    path = f"/alerts/schedules/{schedule.pk}"
    found = client.get(
        f"{path}?start=2026-11-23T14:00:00Z&end=2026-11-24T14:00:00Z", headers=bearer("alerts:read")
    ).json()
    assert [(duty["user"]["username"], duty["end"], duty["layer"]) for duty in found["duties"]] == [
        ("jonas", "2026-11-23T22:00:00Z", "Daily")
    ]
    assert found["gaps"] == [{"start": "2026-11-23T22:00:00Z", "end": "2026-11-24T14:00:00Z"}]
    assert found["schedule"]["rotations"][0]["people"] == ["jonas"]
    listed = client.get("/alerts/schedules", headers=bearer("alerts:read")).json()
    assert [one["name"] for one in listed["results"]] == ["Order path"] and listed["next"] is None
    backwards = client.get(f"{path}?start=2026-11-24T14:00:00Z&end=2026-11-23T14:00:00Z", headers=bearer("alerts:read"))
    assert backwards.status_code == 400


def test_an_override_is_made_and_taken_back(client: Client) -> None:
    project = make_project()
    jonas, dana = make_user("jonas", role=Role.RESPONDER), make_user("dana", role=Role.RESPONDER)
    schedule = make_schedule(jonas, dana, project=project)
    path = f"/alerts/schedules/{schedule.pk}/overrides"
    body = {"start": "2036-12-02T23:00:00Z", "end": "2036-12-03T04:00:00Z", "user": "jonas", "instead_of": "dana"}
    client.force_login(jonas)
    made = client.post(path, body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert (made.json()["user"], made.json()["created_by"]) == ("jonas", "jonas")
    unknown = client.post(path, {**body, "user": "nobody"}, content_type="application/json")
    assert (unknown.status_code, list(unknown.json()["errors"])) == (400, ["user"])
    client.force_login(make_user("vera", role=Role.VIEWER))
    assert client.delete(f"/alerts/overrides/{made.json()['id']}").status_code == 403
    client.force_login(jonas)
    assert client.delete(f"/alerts/overrides/{made.json()['id']}").status_code == 204
    assert client.delete(f"/alerts/overrides/{made.json()['id']}").status_code == 404
    assert not Override.objects.exists()


def test_a_token_of_another_project_sees_neither_schedule_nor_policy(client: Client) -> None:
    schedule = make_schedule(project=make_project("ours"))
    EscalationPolicy.objects.create(name="P", project=make_project("ours"))
    strangers = bearer("alerts:write", projects=[make_project("theirs")])
    assert client.get(f"/alerts/schedules/{schedule.pk}", headers=strangers).status_code == 404
    assert client.get("/alerts/schedules", headers=strangers).json()["results"] == []
    assert client.get("/alerts/policies", headers=strangers).json()["results"] == []
    path = f"/alerts/schedules/{schedule.pk}/overrides"
    body = {"start": AT, "end": "2026-11-24T15:00:00Z", "user": None}
    assert client.post(path, body, headers=strangers, content_type="application/json").status_code == 404


def test_policies_in_words(client: Client) -> None:
    jonas = make_person("jonas")
    policy = EscalationPolicy.objects.create(name="Trading", repeats=1)
    step = EscalationStep.objects.create(policy=policy, wait_seconds=600)
    EscalationTarget.objects.create(step=step, kind="user", user=jonas)
    EscalationTarget.objects.create(step=step, kind="schedule", schedule=make_schedule(jonas))
    found = client.get("/alerts/policies", headers=bearer("alerts:read")).json()["results"][0]
    assert (found["name"], found["steps"][0]["wait_seconds"]) == ("Trading", 600)
    assert [one["words"] for one in found["steps"][0]["targets"]] == ["Jonas", "who is on call for Order path"]
    assert client.get(f"/alerts/policies/{policy.pk}", headers=bearer("alerts:read")).json() == found
