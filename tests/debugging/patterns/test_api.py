import pytest
from django.test import Client

from debugging.models import Pattern
from debugging.patterns.services import analyse_issue
from tests.debugging.patterns.builders import HOUR, MINUTE, NOW, SYSTEM, every, make_errors
from tests.projects.builders import bearer, make_project
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import Issue

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def issue() -> Issue:
    make_errors("OtherError", every(7 * MINUTE, 60), user=[{"id": f"acc-{number}"} for number in range(10)])
    found = make_errors("CronError", every(HOUR, 20, until=NOW.replace(minute=0)), user={"id": "acc-4"})
    analyse_issue(SYSTEM, found, now=NOW)
    return found


def test_patterns_are_listed_with_filters_and_pages(client: Client, issue: Issue) -> None:
    headers = bearer("debug:read")
    everything = client.get("/debug/patterns", headers=headers).json()["results"]
    assert {row["kind"] for row in everything} >= {"share", "periodic"}
    assert {row["issue"]["id"] for row in everything} == {issue.pk}
    first = client.get("/debug/patterns?limit=1", headers=headers).json()
    rest = client.get(f"/debug/patterns?limit=50&cursor={first['next']}", headers=headers).json()
    assert [row["id"] for row in first["results"] + rest["results"]] == [row["id"] for row in everything]
    one = client.get("/debug/patterns?kind=periodic", headers=headers).json()["results"]
    assert [row["key"] for row in one] == ["3600"] and one[0]["evidence"]["cycles_met"] == 20
    assert client.get(f"/debug/patterns?issue={issue.pk + 1000}", headers=headers).json()["results"] == []
    assert client.get("/debug/patterns?environment=staging", headers=headers).json()["results"] == []
    assert client.get("/debug/patterns?environment=production", headers=headers).json()["results"] == everything
    for query, field in (("kind=x", "kind"), ("issue=x", "issue"), ("dismissed=x", "dismissed")):
        answer = client.get(f"/debug/patterns?{query}", headers=headers)
        assert answer.status_code == 400 and field in answer.json()["errors"]


def test_an_issue_is_named_by_its_id_or_its_short_id(client: Client, issue: Issue) -> None:
    headers = bearer("debug:write")
    by_id = client.get(f"/debug/issues/{issue.pk}/patterns", headers=headers).json()
    assert by_id["results"] and by_id["analysed"] is None
    assert client.get(f"/debug/issues/DEFAULT-{issue.number}/patterns", headers=headers).json() == by_id
    for key in ("999999", "DEFAULT-999", "nothing"):
        assert client.get(f"/debug/issues/{key}/patterns", headers=headers).status_code == 404
    Pattern.objects.all().delete()
    answer = client.post(f"/debug/issues/{issue.pk}/analyse", headers=headers)
    assert answer.status_code == 200 and {row["kind"] for row in answer.json()["results"]} >= {"share", "periodic"}
    assert client.post(f"/debug/issues/{issue.pk}/analyse", headers=bearer("debug:read")).status_code == 403


def test_what_is_dismissed_stays_so_when_it_is_found_again(client: Client, issue: Issue) -> None:
    headers = bearer("debug:write")
    row = Pattern.objects.get(kind="periodic")
    path = f"/debug/patterns/{row.pk}"
    answer = client.patch(path, {"dismissed": True}, JSON, headers=headers)
    assert answer.status_code == 200 and answer.json()["is_dismissed"] and answer.json()["dismissed_by"]
    client.patch(path, {"dismissed": True}, JSON, headers=headers)
    analyse_issue(SYSTEM, issue, now=NOW + MINUTE)
    kinds = {each["kind"] for each in client.get("/debug/patterns", headers=headers).json()["results"]}
    assert "periodic" not in kinds
    gone = client.get("/debug/patterns?dismissed=true", headers=headers).json()["results"]
    assert [each["id"] for each in gone] == [row.pk]
    assert client.patch(path, {"dismissed": False}, JSON, headers=headers).json()["is_dismissed"] is False
    actions = AuditEntry.objects.filter(object_type="debugging.pattern").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["pattern.dismiss", "pattern.restore"]
    assert client.patch(path, {}, JSON, headers=headers).status_code == 400
    assert client.patch(path, {"dismissed": True}, JSON, headers=bearer("debug:read")).status_code == 403
    elsewhere = bearer("debug:write", projects=[make_project("other")])
    assert client.patch(path, {"dismissed": True}, JSON, headers=elsewhere).status_code == 404


def test_an_issue_shows_its_strongest_and_the_list_pages_through_all(
    client: Client, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = bearer("debug:read")
    everything = client.get(f"/debug/issues/{issue.pk}/patterns", headers=headers).json()["results"]
    monkeypatch.setattr("debugging.patterns.api.MOST_OF_ISSUE", 1)
    assert client.get(f"/debug/issues/{issue.pk}/patterns", headers=headers).json()["results"] == everything[:1]
    assert (
        len(client.get(f"/debug/patterns?issue={issue.pk}", headers=headers).json()["results"]) == len(everything) > 1
    )
