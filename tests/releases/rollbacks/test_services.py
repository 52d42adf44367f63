from typing import Any

import pytest

from releases.choices import DeploymentState, RollbackOpening, RollbackState, Verdict
from releases.models import Deployment, ReleaseCommit, Repository, Rollback
from releases.rollbacks.queries import offer_of
from releases.rollbacks.services import (
    keep_deployment,
    request_rollback,
    stop_keeping,
    tell_again,
    withdraw_rollback,
)
from tests.projects.builders import make_project, make_user
from tests.releases.builders import MINUTE, NOW, make_deployment, see
from tests.releases.rollbacks.builders import DAY, bad_deployment, deploy, listen, make_unhealthy, requested
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed, Unknown
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db


def person(role: Role, name: str = "jonas") -> Actor:
    return Actor(kind="user", id=make_user(name, role=role).pk, label=name)


def trail(action: str) -> list[tuple[str, Any]]:
    rows = AuditEntry.objects.filter(action=action).order_by("id")
    return list(rows.values_list("actor_label", "changes"))


# --- offered ------------------------------------------------------------------------------------------------------
def test_the_way_back_is_offered_while_an_unhealthy_deployment_runs() -> None:
    row = bad_deployment()
    offer = offer_of(row)
    assert offer is not None
    assert (offer.to_version, offer.to.version, offer.commits, offer.is_told) == ("2.0.0", "2.0.0", None, False)


@pytest.mark.parametrize("verdict", [Verdict.HEALTHY, Verdict.INSUFFICIENT, ""])
def test_nothing_is_offered_without_an_unhealthy_verdict(verdict: str) -> None:
    row = bad_deployment()
    row.verdict = verdict
    assert offer_of(row) is None


def test_nothing_is_offered_of_what_does_not_run_any_more() -> None:
    row = bad_deployment()
    deploy("2.0.2", at=NOW)
    row.refresh_from_db()
    assert offer_of(row) is None


def test_nothing_is_offered_where_nothing_ran_before() -> None:
    assert offer_of(make_unhealthy(deploy("1.0.0", at=NOW))) is None


def test_the_offer_skips_what_was_taken_back_and_the_version_itself() -> None:
    deploy("1.9.4", at=NOW - 9 * DAY)
    taken_back = deploy("2.0.0", at=NOW - 8 * DAY)
    deploy("2.0.1", at=NOW - 7 * DAY)
    deploy("2.0.1", at=NOW - 6 * DAY)
    Deployment.objects.filter(pk=taken_back.pk).update(state=DeploymentState.ROLLED_BACK)
    row = make_unhealthy(deploy("2.0.1", at=NOW - 5 * DAY))
    offer = offer_of(row)
    assert offer is not None and (offer.to_version, offer.undone) == ("1.9.4", ("2.0.1", "2.0.0"))


def test_the_offer_counts_the_commits_that_it_undoes() -> None:
    row = bad_deployment()
    see("api@2.0.1", at=NOW)
    repository = Repository.objects.create(project=make_project(), name="acme/api", created_at=NOW)
    release = Release.objects.get(version="api@2.0.1")
    for position in range(7):
        commit = repository.commits.create(sha=f"{position:040x}")
        ReleaseCommit.objects.create(release=release, commit=commit, position=position)
    offer = offer_of(row)
    assert offer is not None and offer.commits == 7


# --- requested ----------------------------------------------------------------------------------------------------
def test_a_responder_asks_and_the_trail_says_so() -> None:
    row = bad_deployment()
    rollback = request_rollback(person(Role.RESPONDER), row.pk, reason=" orders fail ", now=NOW)
    assert (rollback.state, rollback.to_version, rollback.reason) == ("requested", "2.0.0", "orders fail")
    assert (rollback.opening, rollback.requested_by, rollback.next_try_at) == (RollbackOpening.VERDICT, "jonas", None)
    assert trail("rollback.request") == [("jonas", {"to_version": [None, "2.0.0"], "reason": [None, "orders fail"]})]
    assert offer_of(row) is None  # it is asked for


def test_without_an_offer_it_is_by_hand() -> None:
    deploy("2.0.0", at=NOW - DAY)
    assert requested(deploy("2.0.1", at=NOW)).opening == RollbackOpening.HAND


def test_ci_is_to_be_told_where_it_listens() -> None:
    listen("https://ci.example/rollback")
    assert requested().next_try_at == NOW


def test_a_deployment_of_the_wanted_version_that_is_under_way_is_linked() -> None:
    row = bad_deployment()
    running = make_deployment("2.0.0", state=DeploymentState.IN_PROGRESS)
    assert requested(row).restoring == running


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (DeploymentState.IN_PROGRESS, "is in progress"),
        (DeploymentState.FAILED, "failed"),
        (DeploymentState.ABANDONED, "was never completed"),
        (DeploymentState.ROLLED_BACK, "has been rolled back already"),
    ],
)
def test_what_is_not_out_is_not_taken_back(state: DeploymentState, words: str) -> None:
    with pytest.raises(Conflict, match=words):
        requested(make_deployment("2.0.1", state=state))
    assert not Rollback.objects.exists()


def test_what_does_not_run_any_more_is_not_taken_back() -> None:
    row = bad_deployment()
    newer = deploy("2.0.2", at=NOW)
    with pytest.raises(Conflict, match=rf"production runs 2.0.2 by now \(deployment {newer.pk}\)"):
        requested(row)


def test_without_anything_before_there_is_no_way_back() -> None:
    with pytest.raises(Conflict, match=r"nothing is known that ran in production before 1\.0\.0"):
        requested(deploy("1.0.0", at=NOW))


def test_it_is_asked_for_once() -> None:
    row = bad_deployment()
    requested(row)
    with pytest.raises(Conflict, match=r"a rollback to 2\.0\.0 is requested already, by TradeWatch at 2026-11-23"):
        requested(row)
    assert Rollback.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301, "a\nb"])
def test_a_reason_is_needed(reason: str) -> None:
    row = bad_deployment()
    with pytest.raises(Invalid) as refused:
        requested(row, reason=reason)
    assert set(refused.value.errors) == {"reason"}


def test_viewers_ask_for_nothing() -> None:
    row, viewer = bad_deployment(), person(Role.VIEWER)
    with pytest.raises(NotAllowed):
        request_rollback(viewer, row.pk, reason="x", now=NOW)
    with pytest.raises(NotAllowed):
        keep_deployment(viewer, row.pk, "x", now=NOW)
    with pytest.raises(NotAllowed):
        withdraw_rollback(viewer, requested(row).pk, now=NOW)
    with pytest.raises(Unknown):
        request_rollback(viewer, 999_999, reason="x", now=NOW)


# --- called off ---------------------------------------------------------------------------------------------------
def test_a_request_is_called_off_and_may_be_made_anew() -> None:
    row = bad_deployment()
    rollback = withdraw_rollback(person(Role.RESPONDER), requested(row).pk, now=NOW + MINUTE)
    assert (rollback.state, rollback.closed_at, rollback.outcome) == (
        RollbackState.WITHDRAWN,
        NOW + MINUTE,
        "Called off by jonas.",
    )
    assert withdraw_rollback(SYSTEM, rollback.pk, now=NOW + 2 * MINUTE).closed_at == NOW + MINUTE
    assert [label for label, _ in trail("rollback.withdraw")] == ["jonas"]
    assert offer_of(row) is not None
    assert requested(row).pk != rollback.pk


def test_what_is_out_is_not_called_off() -> None:
    rollback = requested()
    deploy("2.0.0", at=NOW)
    with pytest.raises(Conflict, match=r"2\.0\.0 is deployed already"):
        withdraw_rollback(SYSTEM, rollback.pk, now=NOW)


# --- kept ---------------------------------------------------------------------------------------------------------
def test_kept_with_a_reason_it_is_offered_no_more_until_that_is_taken_back() -> None:
    row = bad_deployment()
    kept = keep_deployment(person(Role.RESPONDER), row.pk, "the exchange's own outage", now=NOW)
    assert (kept.kept_at, kept.kept_by, kept.kept_reason) == (NOW, "jonas", "the exchange's own outage")
    assert offer_of(kept) is None
    again = keep_deployment(SYSTEM, row.pk, "other words", now=NOW + MINUTE)
    assert (again.kept_at, again.kept_reason) == (NOW, "the exchange's own outage")
    undone = stop_keeping(SYSTEM, row.pk)
    assert (undone.kept_at, undone.kept_by, undone.kept_reason) == (None, "", "")
    assert offer_of(undone) is not None
    assert trail("deployment.keep") == [("jonas", {"kept_reason": ["", "the exchange's own outage"]})]
    assert len(trail("deployment.keep.undo")) == 1


def test_only_what_is_unhealthy_needs_a_reason_to_stay() -> None:
    row = deploy("2.0.1", at=NOW)
    with pytest.raises(Conflict, match="found unhealthy"):
        keep_deployment(SYSTEM, row.pk, "why not", now=NOW)


def test_what_is_to_be_rolled_back_is_not_kept() -> None:
    row = bad_deployment()
    requested(row)
    with pytest.raises(Conflict, match="withdraw that first"):
        keep_deployment(SYSTEM, row.pk, "changed my mind", now=NOW)


# --- told again ---------------------------------------------------------------------------------------------------
def test_ci_is_told_again_of_what_did_not_reach_it() -> None:
    rollback = requested()
    with pytest.raises(Conflict, match="no rollback webhook"):
        tell_again(SYSTEM, rollback.pk, now=NOW)
    listen("https://ci.example/rollback")
    Rollback.objects.update(tries=11)
    told = tell_again(SYSTEM, rollback.pk, now=NOW + MINUTE)
    assert (told.tries, told.next_try_at) == (0, NOW + MINUTE)
    Rollback.objects.update(told_at=NOW)
    with pytest.raises(Conflict, match="CI took it at 2026-11-23 14:52:10 UTC"):
        tell_again(SYSTEM, rollback.pk, now=NOW)
