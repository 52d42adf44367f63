import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from releases.choices import DeploymentState, VersionSource
from releases.deployments.asked import Start
from releases.deployments.queries import standing_of
from releases.deployments.services import complete_deployment, start_deployment
from releases.deployments.tending import tend_deployments
from releases.models import Deployment
from tests.at_once import until_done
from tests.projects.builders import make_project, make_token, make_user
from tests.releases.builders import MINUTE, NOW, make_deployment, see
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Fault, Invalid, NotAllowed, Unknown
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
LATER = NOW + 2 * MINUTE


def start(environment: str = "production", *, now=NOW, actor: Actor = SYSTEM, **said: str) -> Deployment:
    return start_deployment(actor, make_project(), Start(environment, **said), now=now).deployment


def test_a_deployment_is_started_and_completed_with_its_trail() -> None:
    before = make_deployment("2.0.0", started_at=NOW - timedelta(days=5))
    row = start(version="2.0.1", commit="9f3c2e1", ref="main", url="https://ci.example/8812", deployed_by="Mara")
    assert (row.state, row.version_source, row.previous, row.finished_at) == ("in_progress", "given", before, None)
    done = complete_deployment(SYSTEM, row.pk, success=True, message="42 hosts", now=LATER)
    assert (done.state, done.finished_at, done.message, done.duration) == (
        "succeeded",
        LATER,
        "42 hosts",
        timedelta(minutes=2),
    )
    trail = AuditEntry.objects.order_by("id").values_list("action", "object_id", "actor_label")
    assert list(trail) == [
        ("deployment.start", str(row.pk), "TradeWatch"),
        ("deployment.complete", str(row.pk), "TradeWatch"),
    ]


def test_the_one_who_starts_it_deployed_it_unless_another_is_named() -> None:
    token, _ = make_token("releases:write", name="github")
    row = start(actor=Actor(kind="token", id=token.pk, label=token.name), version="2.0.1")
    assert row.deployed_by == "github"


def test_told_again_in_the_same_way_changes_nothing_otherwise_it_is_refused() -> None:
    row = start(version="2.0.1")
    complete_deployment(SYSTEM, row.pk, success=False, message="health check failed", now=LATER)
    again = complete_deployment(SYSTEM, row.pk, success=False, message="other words", now=LATER + MINUTE)
    assert (again.finished_at, again.message) == (LATER, "health check failed")
    with pytest.raises(Conflict, match=r"failed at 2026-11-23 14:54:10 UTC"):
        complete_deployment(SYSTEM, row.pk, success=True, now=LATER)
    assert AuditEntry.objects.filter(action="deployment.complete").count() == 1
    with pytest.raises(Unknown):
        complete_deployment(SYSTEM, 0, success=True, now=NOW)


def test_jobs_of_one_pipeline_share_a_deployment() -> None:
    first = start(version="2.0.1", commit="9f3c2e1")
    second = start_deployment(
        SYSTEM, make_project(), Start("production", "2.0.1", commit="9F3C2E1AB0"), now=NOW + MINUTE
    )
    assert (second.deployment.pk, second.is_new) == (first.pk, False)
    assert start("staging", version="2.0.1").pk != first.pk
    with pytest.raises(Conflict) as fault:
        start(version="2.0.1", commit="41d07ba")
    assert list(fault.value.errors) == ["commit"]
    complete_deployment(SYSTEM, first.pk, success=True, now=LATER)
    assert start(version="2.0.1", now=LATER).pk != first.pk  # deployed once more


@pytest.mark.parametrize(("role", "may"), [(Role.VIEWER, False), (Role.RESPONDER, True), (Role.MANAGER, True)])
def test_people_deploy_by_their_role(role: Role, may: bool) -> None:
    user = make_user(role=role)
    actor = Actor(kind="user", id=user.pk, label="ann")
    row = make_deployment(state=DeploymentState.IN_PROGRESS)
    acts: list[Callable[[], object]] = [
        lambda: start(actor=actor, version="3"),
        lambda: complete_deployment(actor, row.pk, success=True, now=LATER),
    ]
    for act in acts:
        if may:
            act()
        else:
            with pytest.raises(NotAllowed):
                act()


@pytest.mark.parametrize(
    ("scope", "may"), [("releases:read", False), ("errors:write", False), ("releases:write", True)]
)
def test_tokens_deploy_by_their_scope(scope: str, may: bool) -> None:
    token, _ = make_token(scope)
    actor = Actor(kind="token", id=token.pk, label="ci")
    try:
        start(actor=actor, version="3")
    except NotAllowed:
        assert not may
    else:
        assert may


def test_what_is_wrong_is_named_by_field() -> None:
    with pytest.raises(Invalid) as fault:
        start("", version="../x", commit="main")
    assert set(fault.value.errors) == {"environment", "version", "commit"}
    row = start(version="2")
    with pytest.raises(Invalid):
        complete_deployment(SYSTEM, row.pk, success=True, message="x" * 501, now=NOW)
    assert not Deployment.objects.exclude(pk=row.pk).exists()


# --- versions that nobody gave -----------------------------------------------------------------------------------
def test_without_a_version_it_is_the_newest_seen_in_that_environment() -> None:
    see("oms@2.1.0", at=NOW - MINUTE, environment="staging")
    see("oms@2.0.0", at=NOW - MINUTE)
    see("oms@1.9.9", at=NOW - MINUTE)
    row = start()
    assert (row.version, row.version_source) == ("oms@2.0.0", VersionSource.SEEN)


def test_the_first_event_of_a_new_release_corrects_a_guess() -> None:
    see("oms@2.0.0", at=NOW - MINUTE)
    row = start()
    tend_deployments(NOW + MINUTE)
    see("oms@2.0.1", at=NOW + MINUTE)
    see("oms@2.0.0", at=NOW + 3 * MINUTE)
    tend_deployments(NOW + 3 * MINUTE)
    row.refresh_from_db()
    assert (row.version, row.version_source) == ("oms@2.0.1", VersionSource.EVENT)


def test_without_any_release_the_first_event_names_it() -> None:
    row = start()
    assert (row.version, row.version_source) == ("", VersionSource.UNKNOWN)
    complete_deployment(SYSTEM, row.pk, success=True, now=LATER)
    see("oms@2.0.1", at=NOW + timedelta(days=2))
    tend_deployments(NOW + timedelta(days=2))
    row.refresh_from_db()
    assert row.version == "oms@2.0.1"


def test_what_came_after_the_next_deployment_names_no_earlier_one() -> None:
    first = start()
    complete_deployment(SYSTEM, first.pk, success=True, now=LATER)
    second = start(now=LATER + MINUTE)
    see("oms@2.0.1", at=LATER + 2 * MINUTE)
    tend_deployments(LATER + 3 * MINUTE)
    assert list(Deployment.objects.order_by("pk").values_list("version", flat=True)) == ["", "oms@2.0.1"]
    assert second.pk != first.pk


def test_a_given_version_stays_what_was_given() -> None:
    row = start(version="2.0.1")
    see("oms@9.9.9", at=NOW + MINUTE)
    tend_deployments(LATER)
    row.refresh_from_db()
    assert row.version == "2.0.1"


# --- what nobody completes ---------------------------------------------------------------------------------------
def test_what_nobody_completes_is_closed_after_the_setting(settings) -> None:
    settings.DEPLOYMENT_ABANDONED_AFTER = timedelta(hours=2)
    row = start(version="2.0.1")
    tend_deployments(NOW + timedelta(hours=2) - timedelta(seconds=1))
    row.refresh_from_db()
    assert row.is_open
    for _ in range(2):
        tend_deployments(NOW + timedelta(hours=2))
    row.refresh_from_db()
    assert (row.state, row.finished_at) == (DeploymentState.ABANDONED, NOW + timedelta(hours=2))
    assert AuditEntry.objects.filter(action="deployment.abandon").count() == 1
    for success in (True, False):
        with pytest.raises(Conflict, match="closed as abandoned"):
            complete_deployment(SYSTEM, row.pk, success=success, now=NOW)


def test_a_clock_that_was_set_back_gives_no_negative_duration() -> None:
    row = start(version="2.0.1")
    assert complete_deployment(SYSTEM, row.pk, success=True, now=NOW - MINUTE).duration == timedelta()


# --- what runs where ---------------------------------------------------------------------------------------------
def test_an_environment_runs_what_succeeded_last() -> None:
    make_deployment("1.9.0", started_at=NOW - 9 * MINUTE)
    make_deployment("2.0.0", started_at=NOW - 6 * MINUTE)
    make_deployment("2.0.1", state=DeploymentState.FAILED, started_at=NOW - 4 * MINUTE)
    make_deployment("2.0.2", state=DeploymentState.ROLLED_BACK, started_at=NOW - 3 * MINUTE)
    make_deployment("3.0.0", environment="staging")
    running = make_deployment("2.0.3", state=DeploymentState.IN_PROGRESS)
    found = standing_of(make_project().pk, "production")
    assert [found.current and found.current.version, found.previous and found.previous.version] == ["2.0.0", "1.9.0"]
    assert found.in_progress == running
    assert standing_of(make_project().pk, "qa").current is None


def test_the_one_that_succeeds_later_follows_the_one_that_succeeded_earlier() -> None:
    slow = start(version="2.0.0")
    quick = start(version="2.0.1", now=NOW + MINUTE)
    complete_deployment(SYSTEM, quick.pk, success=True, now=NOW + 2 * MINUTE)
    done = complete_deployment(SYSTEM, slow.pk, success=True, now=NOW + 5 * MINUTE)
    assert done.previous == quick


# --- at once -----------------------------------------------------------------------------------------------------
def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all at the same moment, each in its own thread with its own connection; a refusal is its class's name."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)  # type: ignore[var-annotated]

    def run(number: int) -> None:
        try:
            barrier.wait(10)
            results[number] = until_done(acts[number])
        except Fault as fault:
            results[number] = type(fault).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_jobs_that_start_and_complete_the_same_at_once_leave_one_truth() -> None:
    make_project()
    started = at_once(*[lambda: start(version="2.0.1", commit="9f3c2e1").pk] * 6)
    row = Deployment.objects.get()
    assert started == [row.pk] * 6
    told = [True, False, True, False, True, False]
    ends = at_once(
        *[lambda s=s: complete_deployment(SYSTEM, row.pk, success=s, now=LATER).state for s in told]  # type: ignore[misc]
    )
    row.refresh_from_db()
    won = row.state == DeploymentState.SUCCEEDED
    assert ends == [row.state if said is won else "Conflict" for said in told]
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["deployment.start", "deployment.complete"]
