"""The four numbers of a month that is written out by hand here."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from releases.dora import queries
from releases.models import Deployment, ReleaseCommit, Repository
from releases.verdicts.telling import unhealthy_key
from tests.projects.builders import bearer, make_project, make_token
from tests.releases.builders import see
from tests.releases.rollbacks.builders import deploy
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def ask(client: Client, **query: str) -> Any:
    return client.get("/release/dora", query, headers=bearer("releases:read")).json()["environments"]


def commit(version: str, sha: str, at: Any) -> None:
    see(version, at=timezone.now())
    repository, _ = Repository.objects.get_or_create(
        project=make_project(), name="acme/api", defaults={"created_at": timezone.now()}
    )
    row, _ = repository.commits.get_or_create(sha=sha * 40, defaults={"committed_at": at})
    ReleaseCommit.objects.create(release=Release.objects.get(version=version), commit=row, position=0)


@pytest.mark.parametrize("at_once", [1, 500])
def test_a_month_of_deployments(client: Client, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(queries, "_AT_ONCE", at_once)  # commits are read in parts
    now = timezone.now()
    deploy("1.0.0", at=now - 45 * DAY)
    deploy("1.1.0", at=now - 20 * DAY)
    bad = deploy("1.2.0", at=now - 10 * DAY)
    Alert.objects.create(
        project=bad.project, environment="production", dedup_key=unhealthy_key(bad.pk), severity="error",
        category="release", source="x", title="1.2.0 is unhealthy", state="resolved",
        starts_at=now - 10 * DAY + 8 * MINUTE, last_at=now, resolved_at=now - 10 * DAY + 30 * MINUTE,
    )  # fmt: skip
    deploy("1.1.0", at=now - 10 * DAY + 28 * MINUTE)  # takes it back, unasked
    deploy("1.2.1", at=now - 9 * DAY, success=False)
    deploy("1.2.1", at=now - 8 * DAY)
    deploy("9.0.0", at=now - 8 * DAY, environment="staging")
    commit("api@1.1.0", "a", now - 22 * DAY)  # 2 days and 2 minutes to 1.1.0
    commit("api@1.2.0", "b", now - 14 * DAY)  # 4 days and 2 minutes to 1.2.0
    commit("api@1.2.1", "b", now - 14 * DAY)  # it was out before
    commit("api@1.2.1", "c", now - 9 * DAY)  # 1 day and 2 minutes to 1.2.1
    found = ask(client, window="30d", environment="production")["production"]
    before = found.pop("before")
    assert found == {
        "deployment_frequency": {"per_week": pytest.approx(4 * 7 / 30), "deployments": 4, "rollbacks": 1},
        "lead_time": {"median_seconds": 2 * 86400 + 120, "commits": 3},
        "change_fail_rate": {"ratio": 0.5, "failed": 2, "deployments": 4},
        "time_to_restore": {"median_seconds": 22 * 60, "incidents": 1, "open": 0},
    }
    assert before == {
        "deployment_frequency": {"per_week": pytest.approx(7 / 30), "deployments": 1, "rollbacks": 0},
        "lead_time": {"median_seconds": None, "commits": 0},
        "change_fail_rate": {"ratio": 0.0, "failed": 0, "deployments": 1},
        "time_to_restore": {"median_seconds": None, "incidents": 0, "open": 0},
    }
    assert set(ask(client)) == {"production", "staging"}


def test_the_answer_changes_with_what_is_stored(client: Client) -> None:
    make_project()
    assert ask(client) == {}
    row = deploy("1.0.0", at=timezone.now() - HOUR)
    assert ask(client)["production"]["change_fail_rate"]["ratio"] == 0.0
    Deployment.objects.filter(pk=row.pk).update(state="failed")
    assert ask(client)["production"]["change_fail_rate"]["ratio"] == 1.0
    assert ask(client, environment="nowhere")["nowhere"]["deployment_frequency"]["per_week"] is None


def test_others_projects_are_not_counted(client: Client) -> None:
    deploy("1.0.0", at=timezone.now() - HOUR)
    other = make_project("other")
    _, secret = make_token("releases:read", projects=[other])
    answer = client.get("/release/dora", headers={"Authorization": f"Bearer {secret}"}).json()
    assert (answer["project"], answer["environments"]) == ("other", {})
