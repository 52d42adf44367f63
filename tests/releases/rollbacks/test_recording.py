import threading
from collections.abc import Callable

import pytest
from django.db import connection

from releases.choices import DeploymentState, RollbackOpening, RollbackState
from releases.deployments.asked import Start
from releases.deployments.queries import standing_of
from releases.deployments.services import complete_deployment, start_deployment
from releases.models import Deployment, Rollback
from releases.rollbacks.services import withdraw_rollback
from tests.at_once import until_done
from tests.projects.builders import make_project
from tests.releases.builders import MINUTE, NOW
from tests.releases.rollbacks.builders import DAY, bad_deployment, deploy, requested, states
from tradewatch.core.actors import SYSTEM
from tradewatch.core.faults import Fault
from tradewatch.core.models import AuditEntry

pytestmark = pytest.mark.django_db
R = RollbackState


def state_of(row: Deployment) -> str:
    row.refresh_from_db()
    return row.state


def test_what_was_asked_for_is_recorded_from_start_to_end() -> None:
    bad = bad_deployment()
    rollback = requested(bad)
    row = start_deployment(SYSTEM, make_project(), Start("production", version="2.0.0"), now=NOW + MINUTE).deployment
    rollback.refresh_from_db()
    assert (rollback.state, rollback.restoring, rollback.deployed_at) == (R.REQUESTED, row, None)
    complete_deployment(SYSTEM, row.pk, success=True, now=NOW + 3 * MINUTE)
    rollback.refresh_from_db()
    assert (rollback.state, rollback.restoring, rollback.deployed_at) == (R.DEPLOYED, row, NOW + 3 * MINUTE)
    assert state_of(bad) == DeploymentState.ROLLED_BACK
    standing = standing_of(bad.project_id, "production")
    assert (standing.current, standing.previous) == (row, bad)
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions)[-3:] == ["deployment.complete", "rollback.deploy", "deployment.roll_back"]


def test_ci_may_leave_the_package_out() -> None:
    deploy("api@2.0.0", at=NOW - DAY)
    requested(deploy("api@2.0.1", at=NOW - MINUTE * 5))
    deploy("2.0.0", at=NOW)
    assert states() == [("api@2.0.1", "api@2.0.0", R.DEPLOYED)]


def test_one_that_fails_leaves_the_request_open() -> None:
    bad = bad_deployment()
    requested(bad)
    deploy("2.0.0", at=NOW, success=False)
    assert (states(), state_of(bad)) == ([("2.0.1", "2.0.0", R.REQUESTED)], "succeeded")
    deploy("2.0.0", at=NOW + 5 * MINUTE)
    assert (states(), state_of(bad)) == ([("2.0.1", "2.0.0", R.DEPLOYED)], "rolled_back")


def test_an_older_version_deployed_again_unasked_is_a_rollback() -> None:
    deploy("2.0.0", at=NOW - DAY)
    bad = deploy("2.0.1", at=NOW - 10 * MINUTE)
    row = deploy("2.0.0", at=NOW)
    rollback = Rollback.objects.get()
    assert (rollback.deployment, rollback.restoring, rollback.opening) == (bad, row, RollbackOpening.REDEPLOY)
    assert (rollback.requested_by, rollback.requested_at, rollback.deployed_at) == ("CI", NOW, NOW + 2 * MINUTE)
    assert state_of(bad) == DeploymentState.ROLLED_BACK


@pytest.mark.parametrize("version", ["2.0.2", "1.9.5", "2.0.1"])
def test_anything_else_is_a_change(version: str) -> None:
    deploy("2.0.0", at=NOW - DAY)
    before = deploy("2.0.1", at=NOW - 10 * MINUTE)
    deploy(version, at=NOW)
    assert (states(), state_of(before)) == ([], "succeeded")


def test_it_is_of_its_environment_and_project_alone() -> None:
    bad = bad_deployment()
    requested(bad)
    deploy("2.0.0", at=NOW, environment="staging")
    deploy("2.0.0", at=NOW, project=make_project("other"))
    assert (states(), state_of(bad)) == ([("2.0.1", "2.0.0", R.REQUESTED)], "succeeded")


def test_what_was_rolled_back_goes_out_again_as_a_change() -> None:
    """1.9.4, 2.0.0 taken back to 1.9.4, and 2.0.0 again a week later."""
    deploy("1.9.4", at=NOW - 9 * DAY)
    deploy("2.0.0", at=NOW - 8 * DAY)
    deploy("1.9.4", at=NOW - 8 * DAY + 60 * MINUTE)
    again = deploy("2.0.0", at=NOW - DAY)
    assert states() == [("2.0.0", "1.9.4", R.UNVERIFIED)]
    assert Rollback.objects.get().outcome == "2.0.0 went out before it was known whether this helped."
    assert state_of(again) == "succeeded"
    assert standing_of(again.project_id, "production").current == again


def test_a_fix_that_goes_out_instead_closes_the_request() -> None:
    bad = bad_deployment()
    rollback = requested(bad)
    deploy("2.0.2", at=NOW)
    rollback.refresh_from_db()
    assert (rollback.state, rollback.outcome, rollback.closed_at) == (
        R.WITHDRAWN,
        "2.0.2 went out instead.",
        NOW + 2 * MINUTE,
    )
    assert state_of(bad) == "succeeded"


def test_another_older_version_than_the_one_asked_for_is_a_rollback_of_its_own() -> None:
    deploy("1.9.4", at=NOW - 9 * DAY)
    bad = bad_deployment()
    requested(bad)
    deploy("1.9.4", at=NOW)
    assert states() == [("2.0.1", "2.0.0", R.WITHDRAWN), ("2.0.1", "1.9.4", R.DEPLOYED)]
    assert state_of(bad) == DeploymentState.ROLLED_BACK


def test_deployed_once_more_while_it_is_verified_the_newest_restores() -> None:
    requested()
    deploy("2.0.0", at=NOW)
    row = deploy("2.0.0", at=NOW + 5 * MINUTE)
    rollback = Rollback.objects.get()
    assert (rollback.restoring, rollback.state, rollback.deployed_at) == (row, R.DEPLOYED, NOW + 2 * MINUTE)


def test_a_version_that_is_a_guess_says_nothing_of_the_way_back() -> None:
    deploy("2.0.0", at=NOW - DAY)
    deploy("2.0.1", at=NOW - 10 * MINUTE)
    row = start_deployment(SYSTEM, make_project(), Start("production"), now=NOW).deployment
    Deployment.objects.filter(pk=row.pk).update(version="2.0.0", version_source="seen")
    complete_deployment(SYSTEM, row.pk, success=True, now=NOW + MINUTE)
    assert states() == []


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Run the jobs in threads of their own connection that begin together; return what each came to."""
    barrier, came_to = threading.Barrier(len(jobs)), [object()] * len(jobs)

    def run(number: int, job: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            came_to[number] = until_done(job)
        except Fault as fault:
            came_to[number] = fault
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return came_to


@pytest.mark.django_db(transaction=True)
def test_jobs_at_once_leave_one_truth() -> None:
    """Two jobs bring back 2.0.0, another one a fix, while the request is withdrawn: whoever is first decides."""
    bad = bad_deployment()
    rollback = requested(bad)
    back = start_deployment(SYSTEM, bad.project, Start("production", version="2.0.0"), now=NOW).deployment
    fix = start_deployment(SYSTEM, bad.project, Start("production", version="2.0.2"), now=NOW).deployment

    def end(row: Deployment) -> Callable[[], object]:
        return lambda: complete_deployment(SYSTEM, row.pk, success=True, now=NOW + MINUTE)

    came_to = at_once(
        end(back), end(back), end(fix), lambda: withdraw_rollback(SYSTEM, rollback.pk, now=NOW), lambda: requested(bad)
    )
    for row in (back, fix):
        assert state_of(row) in ("succeeded", "rolled_back"), came_to
    ends = {each.pk: each.previous_id for each in (back, fix)}
    assert sorted(ends.values(), key=lambda pk: pk != bad.pk) in ([bad.pk, back.pk], [bad.pk, fix.pk])
    is_taken_back = state_of(bad) == "rolled_back"
    deployed = Rollback.objects.filter(deployment=bad, deployed_at__isnull=False)
    assert deployed.count() == is_taken_back  # by one record, or nobody's
    assert not Rollback.objects.filter(deployment=bad, state=R.REQUESTED).exists()
