from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from releases.choices import DeploymentState, Verdict
from releases.models import DeploymentLook
from tests.projects.builders import bearer, make_project
from tests.releases.builders import NOW, make_deployment, see
from tests.releases.commits.builders import draft, make_release, sha_of
from tests.releases.comparing.traffic import HOUR, tell

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def compared(client: Client, older: str = "2.0.0", newer: str = "2.0.1", **query: Any) -> Any:
    answer = client.get("/release/compare", {"from": older, "to": newer, **query}, headers=bearer("releases:read"))
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_each_is_measured_over_its_own_time(client: Client, now: datetime) -> None:
    told = tell(now)
    found = compared(client)
    before, after = found["from"], found["to"]
    assert (before["version"], after["version"]) == ("2.0.0", "2.0.1")
    assert before["end"] == after["start"] == told.newer.finished_at.isoformat().replace("+00:00", "Z")
    assert before["health"]["crash_free_sessions"] == 0.99 and after["health"]["crash_free_sessions"] == 0.8
    assert before["health"]["adoption"] == after["health"]["adoption"] == 1.0
    assert (before["requests"]["count"], before["requests"]["failed"]) == (400, 1)  # what came past its time is not its
    assert (after["requests"]["count"], after["requests"]["error_rate"]) == (400, pytest.approx(0.1))
    worst = found["endpoints"][0]
    assert (worst["name"], worst["change"]) == ("POST /orders", "failing")
    assert worst["from"]["p95_seconds"] == pytest.approx(0.1, rel=0.02)
    assert worst["to"]["p95_seconds"] == pytest.approx(0.4, rel=0.02)
    assert {each["name"]: each["change"] for each in found["endpoints"]}["GET /quotes"] == "same"
    assert [each["deployment_id"] for each in after["deployments"]] == [told.newer.pk]


def test_what_lies_between_them(client: Client, now: datetime) -> None:
    told = tell(now)
    found = compared(client)
    commits = found["commits"]
    assert (commits["count"], commits["behind"]) == (2, 0)
    assert [section["title"] for section in commits["sections"]] == ["Breaking changes", "Fixes"]
    assert commits["authors"] == [{"name": "Mara Lindqvist", "commits": 2}]
    assert commits["compare_url"].endswith(f"/compare/{sha_of('a')}...{sha_of('c')}")
    assert found["issues"]["new"]["count"] == found["issues"]["resolved"]["count"] == 1
    assert found["issues"]["new"]["results"][0]["url"].endswith(f"/issues/{told.new.pk}")
    assert found["issues"]["regressed"] == {"count": 0, "results": []}
    turned = compared(client, "2.0.1", "2.0.0")["commits"]
    assert (turned["count"], turned["behind"], turned["sections"]) == (0, 2, [])


def test_releases_in_between_count_their_issues(client: Client, now: datetime) -> None:
    for number in range(5):
        see(f"api@2.0.{number}", at=now - (9 - number) * DAY)
    see("web@2.0.2", at=now)
    assert compared(client, "api@2.0.1", "api@2.0.3")["releases"] == ["api@2.0.3", "api@2.0.2"]
    assert compared(client, "api@2.0.3", "api@2.0.1")["releases"] == ["api@2.0.1"]


def test_the_verdict_and_another_environment(client: Client, now: datetime) -> None:
    told = tell(now)
    DeploymentLook.objects.create(
        deployment=told.newer,
        minutes=5,
        looked_at=now,
        verdict=Verdict.UNHEALTHY,
        summary="errors 0.5% -> 20%",
        evidence={},
    )
    (row,) = compared(client)["to"]["deployments"]
    assert (row["verdict"]["verdict"], row["verdict"]["summary"]) == ("unhealthy", "errors 0.5% -> 20%")
    elsewhere = compared(client, environment="staging")
    assert (elsewhere["to"]["start"], elsewhere["to"]["requests"]["error_rate"]) == (None, None)
    assert (elsewhere["to"]["deployments"], elsewhere["endpoints"]) == ([], [])
    assert elsewhere["to"]["health"]["crash_free_sessions"] is None


def test_time_there_is_from_first_out_until_another_took_over_for_good(client: Client) -> None:
    for version, state, days in (
        ("2.0.0", "succeeded", 0),
        ("2.0.1", "rolled_back", 1),
        ("2.0.0", "succeeded", 2),
        ("2.0.2", "failed", 3),
        ("2.0.3", "succeeded", 4),
    ):
        make_deployment(version, state=DeploymentState(state), started_at=NOW - 9 * DAY + days * DAY)
    found = compared(client, "2.0.0", "2.0.1")
    start = NOW - 9 * DAY + timedelta(minutes=2)
    assert [found[side][name] for side in ("from", "to") for name in ("start", "end")] == [
        each.isoformat().replace("+00:00", "Z") for each in (start, start + 4 * DAY, start + DAY, start + 2 * DAY)
    ]
    assert compared(client, "2.0.0", "2.0.2")["to"]["start"] is None


def test_without_a_deployment_sightings_tell_when(client: Client, now: datetime) -> None:
    see("2.0.0", at=now - 3 * HOUR)
    see("2.0.0", at=now - 2 * HOUR)
    see("2.0.1", at=now - HOUR, environment="staging")
    found = compared(client)
    assert found["from"]["start"] and found["from"]["end"] > found["from"]["start"]
    assert found["to"]["start"] is None


@pytest.mark.parametrize(
    ("query", "status", "fields"),
    [
        ("", 400, {"from", "to"}),
        ("from=2.0.0", 400, {"to"}),
        ("from=2.0.0&to=2.0.0", 400, {"to"}),
        ("from=../x&to=a%1bb&environment=a/b", 400, {"from", "to", "environment"}),
        (f"from={'9' * 10_240}&to=2.0.1", 400, {"from"}),
        ("from=2.0.0&to=9.9", 404, {"to"}),
        ("from=9.9&to=2.0.0", 404, {"from"}),
    ],
)
def test_what_is_wrong_is_refused_by_field(client: Client, query: str, status: int, fields: set[str]) -> None:
    see("2.0.0", at=NOW)
    see("2.0.1", at=NOW)
    answer = client.get(f"/release/compare?{query}", headers=bearer("releases:read"))
    assert (answer.status_code, answer.json()["errors"].keys()) == (status, fields)


def test_who_may_read_it(client: Client) -> None:
    mine, other = make_project("mine"), make_project("other")
    make_release("2.0.0", draft("a"), project=other)
    make_release("2.0.1", draft("b", "a"), project=other)
    path = "/release/compare?from=2.0.0&to=2.0.1&project=other"
    assert client.get(path).status_code == 401
    assert client.get(path, headers=bearer("errors:read")).status_code == 403
    assert client.get(path, headers=bearer("releases:read", projects=[mine])).status_code == 404
    assert client.get(path, headers=bearer("releases:read", projects=[other])).status_code == 200
