from datetime import timedelta
from typing import Any

import pytest

from releases.choices import DeploymentState
from releases.deployments.asked import Start
from releases.deployments.recording import Ended, Recorded, is_same, record_deployment
from releases.deployments.services import complete_deployment, start_deployment
from releases.details.asked import Told
from releases.details.services import create_release
from releases.models import Deployment, ReleaseSettings
from sla.models import Correction
from tests.projects.builders import make_project, make_user
from tests.releases.builders import MINUTE, NOW, make_deployment
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
URL = "https://ci.example/8812"


def make_release(version: str = "2.0.1") -> Release:
    return create_release(SYSTEM, make_project(), Told(version), now=NOW).detail.release


def record(release: Release, *, after: timedelta = timedelta(0), **fields: Any) -> Recorded:
    """Tell of a deployment that ended `after` NOW, at that moment."""
    now = NOW + after
    return record_deployment(SYSTEM, release, Ended("production", now, **fields), now=now)


def test_what_is_told_is_a_deployment_that_succeeded() -> None:
    release = make_release()
    old = make_deployment("2.0.0", started_at=NOW - timedelta(days=1))
    row = record(release, started_at=NOW - 2 * MINUTE, name="blue", url=URL).deployment
    assert (row.version, row.state, row.previous, row.message) == ("2.0.1", DeploymentState.SUCCEEDED, old, "blue")
    assert (row.started_at, row.finished_at, row.url, row.version_source) == (NOW - 2 * MINUTE, NOW, URL, "given")
    trail = AuditEntry.objects.filter(object_type="releases.deployment").order_by("id")
    assert [each.action for each in trail] == ["deployment.start", "deployment.complete"]


def test_its_time_leaves_sla_figures_where_the_project_wants_that() -> None:
    ReleaseSettings.objects.create(project=make_project(), excludes_deployments=True)
    record(make_release(), started_at=NOW - 2 * MINUTE)
    assert [(each.starts_at, each.ends_at) for each in Correction.objects.all()] == [(NOW - 2 * MINUTE, NOW)]


@pytest.mark.parametrize(
    ("apart", "earlier", "now", "same"),
    [
        (timedelta(0), "", "", True),
        (MINUTE, "", "", True),
        (-MINUTE, "", "", True),
        (2 * MINUTE, "", "", False),
        (2 * MINUTE, URL, URL, True),
        (timedelta(hours=24), URL, URL, True),
        (timedelta(hours=25), URL, URL, False),
        (2 * MINUTE, URL, URL + "3", False),
        (2 * MINUTE, "", URL, False),
    ],
)
def test_when_it_is_the_same_that_was_told_before(apart: timedelta, earlier: str, now: str, same: bool) -> None:
    row = Deployment(started_at=NOW, finished_at=NOW, url=earlier)
    assert is_same(row, Ended("production", NOW + apart, url=now)) is same


def test_a_job_that_tries_again_leaves_one() -> None:
    release = make_release()
    first = record(release, url=URL)
    again = record(release, after=timedelta(minutes=20), url=URL)
    assert (first.is_new, again.is_new, again.deployment.pk) == (True, False, first.deployment.pk)
    assert record(release, after=timedelta(days=2), url=URL).is_new  # that is another day's deployment of it


def test_another_version_in_between_makes_it_news() -> None:
    old, new = make_release("2.0.0"), make_release("2.0.1")
    record(old, url=URL)
    record(new, after=timedelta(seconds=20), url=URL)
    back = record(old, after=timedelta(seconds=40), url=URL)
    assert back.is_new and back.deployment.previous is not None and back.deployment.previous.version == "2.0.1"


@pytest.mark.parametrize("named", ["oms@2.0.1", "2.0.1"])
def test_one_that_our_own_door_started_is_completed_by_it(named: str) -> None:
    release = make_release("oms@2.0.1")
    started = start_deployment(SYSTEM, make_project(), Start("production", named), now=NOW - 5 * MINUTE).deployment
    row = record(release, started_at=NOW - MINUTE).deployment
    assert (row.pk, row.state, row.started_at) == (started.pk, DeploymentState.SUCCEEDED, NOW - 5 * MINUTE)
    assert complete_deployment(SYSTEM, started.pk, success=True, now=NOW + MINUTE).finished_at == NOW  # told again
    assert Deployment.objects.count() == 1


@pytest.mark.parametrize("named", ["oms@2.0.1", "2.0.1"])
def test_one_that_our_own_door_completed_is_not_doubled(named: str) -> None:
    release = make_release("oms@2.0.1")
    started = start_deployment(SYSTEM, make_project(), Start("production", named), now=NOW - 5 * MINUTE).deployment
    complete_deployment(SYSTEM, started.pk, success=True, now=NOW)
    again = record(release, after=timedelta(seconds=30))
    assert (again.is_new, again.deployment.pk, Deployment.objects.count()) == (False, started.pk, 1)


def test_what_failed_a_moment_ago_and_now_went_out_is_news() -> None:
    make_deployment("2.0.1", state=DeploymentState.FAILED, started_at=NOW - 2 * MINUTE)
    assert record(make_release()).is_new and Deployment.objects.count() == 2


def test_one_that_is_told_late_follows_what_ran_then() -> None:
    oldest = make_deployment("1.9", started_at=NOW - timedelta(days=3))
    current = make_deployment("2.1", started_at=NOW - timedelta(hours=1))
    ended = Ended("production", NOW - timedelta(days=2))
    row = record_deployment(SYSTEM, make_release("2.0"), ended, now=NOW).deployment
    assert (row.previous, row.finished_at) == (oldest, ended.finished_at)
    current.refresh_from_db()
    assert (current.previous, current.state) == (None, DeploymentState.SUCCEEDED)  # nobody went back from it


@pytest.mark.parametrize(
    ("ended", "field"),
    [
        (Ended("", NOW), "environment"),
        (Ended("a/b", NOW), "environment"),
        (Ended("production", NOW, url="javascript:x"), "url"),
        (Ended("production", NOW, name="x" * 501), "name"),
        (Ended("production", NOW + timedelta(hours=1)), "finished_at"),
        (Ended("production", NOW, started_at=NOW + MINUTE), "started_at"),
    ],
)
def test_what_is_wrong_is_refused_by_field(ended: Ended, field: str) -> None:
    release = make_release()
    with pytest.raises(Invalid) as refused:
        record_deployment(SYSTEM, release, ended, now=NOW)
    assert list(refused.value.errors) == [field]
    assert not Deployment.objects.exists()


def test_a_viewer_may_not() -> None:
    release, user = make_release(), make_user("vic", role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        record_deployment(Actor("user", user.pk, "vic"), release, Ended("production", NOW), now=NOW)
