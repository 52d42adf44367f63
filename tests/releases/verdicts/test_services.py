"""From counted traffic and events to looks, verdicts and alerts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet

from alerts.models import Alert
from alerts.services.judging import judge_occurrences
from releases.choices import DeploymentState, Verdict
from releases.models import Deployment, DeploymentLook
from releases.verdicts.evidence import Finding, evidence_of
from releases.verdicts.queries import looks_of, verdict_of
from releases.verdicts.services import take_due_looks, write_look
from releases.verdicts.telling import tell_ends
from tests.releases.builders import MINUTE, NOW, make_deployment
from tests.releases.verdicts.traffic import after, send, throw

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
BEGAN = NOW.replace(second=0)  # 14:52, ends 14:54


def deploy(version: str = "2.0.1", **fields) -> Deployment:
    return make_deployment(version, started_at=fields.pop("started_at", BEGAN), **fields)


def alerts_of_deployments() -> QuerySet[Alert]:
    return Alert.objects.filter(dedup_key__startswith="deployment:")  # a new issue opens one of its own


def bad_release(minutes: int = 5, **fields) -> Deployment:
    """0.4% of requests failed before, 2.1% do after, of a new issue."""
    deployment = deploy(**fields)
    send(BEGAN - minutes * MINUTE, minutes, each=1000, failing=4)
    send(after(deployment, 0), minutes, each=1000, failing=21, release="trading-api@2.0.1")
    throw(after(deployment, 1), 60, over=10 * MINUTE)
    return deployment


def test_a_bad_release_is_unhealthy_and_says_what_and_whose_it_is():
    deployment = bad_release()
    look, *others = take_due_looks(after(deployment, 6))
    assert not others and (look.minutes, look.verdict) == (5, Verdict.UNHEALTHY)
    assert look.summary.startswith("errors 0.4% -> 2.1% on POST /orders, 105 of 5,000; new: KeyError in app.risk.check")
    deployment.refresh_from_db()
    assert (deployment.verdict, deployment.verdict_at) == (Verdict.UNHEALTHY, look.looked_at)
    assert verdict_of(deployment) == {
        "verdict": "unhealthy", "minutes": 5, "summary": look.summary, "looked_at": look.looked_at
    }  # fmt: skip
    evidence = evidence_of(look.evidence)
    (found,) = evidence.judgement.errors
    assert (found.finding, found.before.failed, found.before.requests) == (Finding.WORSE, 20, 5000)
    assert evidence.of_version == 5000
    assert evidence.before.end == BEGAN and evidence.after.minutes == 5

    judge_occurrences(after(deployment, 6))
    alert = alerts_of_deployments().get()
    assert (alert.title, alert.category, alert.severity) == (
        "2.0.1 to production is unhealthy", "release", "error"
    )  # fmt: skip
    assert alert.link == deployment.get_absolute_url()
    assert alert.tags == {"version": "2.0.1", "deployed_by": "Mara Lindqvist", "deployment": str(deployment.pk)}
    assert look.summary in alert.message and "Mara Lindqvist" in alert.message and "/issues/" in alert.message


def test_the_alert_offers_the_way_back_by_its_version():
    before = deploy("2.0.0", started_at=BEGAN - timedelta(days=1))
    deployment = bad_release(previous=before)
    take_due_looks(after(deployment, 6))
    judge_occurrences(after(deployment, 6))
    message = alerts_of_deployments().get().message
    assert f"Roll back to 2.0.0, or keep it: http://127.0.0.1:8000{deployment.get_absolute_url()}" in message


def test_the_alert_says_where_nothing_is_known_to_go_back_to():
    deployment = bad_release()
    take_due_looks(after(deployment, 6))
    judge_occurrences(after(deployment, 6))
    assert "Nothing is known to go back to. Keep it: http" in alerts_of_deployments().get().message


def test_a_second_look_says_it_again_on_the_same_alert():
    deployment = bad_release(15)
    for minutes in (6, 16):
        take_due_looks(after(deployment, minutes))
        judge_occurrences(after(deployment, minutes))
    assert [(look.minutes, look.verdict) for look in looks_of(deployment)] == [
        (5, Verdict.UNHEALTHY), (15, Verdict.UNHEALTHY)
    ]  # fmt: skip
    assert alerts_of_deployments().get().count == 2


def test_a_good_release_of_the_same_traffic_is_healthy():
    deployment = deploy()
    send(BEGAN - 15 * MINUTE, 15, each=1000, failing=4)
    send(after(deployment, 0), 15, each=1000, failing=4)
    take_due_looks(after(deployment, 20))
    assert [look.verdict for look in looks_of(deployment)] == [Verdict.HEALTHY] * 2
    assert looks_of(deployment)[1].summary == "nothing got worse on 1 endpoint, 15,000 requests, 0.4% failed"
    judge_occurrences(after(deployment, 20))
    assert not alerts_of_deployments().exists()


def test_few_requests_are_insufficient_and_say_what_would_have_shown():
    deployment = deploy()
    send(BEGAN - 5 * MINUTE, 5, each=8)
    send(after(deployment, 0), 5, each=8)
    (look,) = take_due_looks(after(deployment, 6))
    assert look.verdict == Verdict.INSUFFICIENT
    assert look.summary == (
        "40 requests against 40 are too few: only a rise to 25% or more on POST /orders would have shown"
    )


def test_a_slower_release_is_unhealthy():
    deployment = deploy()
    send(BEGAN - 5 * MINUTE, 5, each=200)
    send(after(deployment, 0), 5, each=200, seconds=0.3)
    (look,) = take_due_looks(after(deployment, 6))
    assert look.verdict == Verdict.UNHEALTHY
    assert look.summary.startswith("POST /orders 50% slower, p95")


def test_the_minutes_that_both_share_count_by_release():
    """All within two minutes: before, the deployment, and after."""
    deployment = make_deployment(started_at=NOW, finished_at=NOW + 5 * SECOND)
    for second in range(10):
        send(BEGAN + second * SECOND, 1, each=60, release="trading-api@2.0.0")
    for second in range(15, 25):
        send(BEGAN + second * SECOND, 1, each=60, failing=20, release="trading-api@2.0.1")
    throw(BEGAN + 30 * SECOND, 20, over=20 * SECOND)
    (look,) = take_due_looks(after(deployment, 8))
    assert look.verdict == Verdict.UNHEALTHY
    (found,) = evidence_of(look.evidence).judgement.errors
    assert found.before.failed == 0 and found.before.requests > 300
    assert "new: KeyError in app.risk.check (20)" in look.summary


def test_nothing_is_due_before_its_data_can_be_there():
    deployment = bad_release()
    assert take_due_looks(after(deployment, 5)) == []
    assert take_due_looks(after(deployment, 5) + 44 * SECOND) == []
    assert len(take_due_looks(after(deployment, 5) + 46 * SECOND)) == 1
    assert take_due_looks(after(deployment, 5) + 47 * SECOND) == []


def test_a_look_is_late_but_not_for_ever():
    deployment = bad_release()
    assert [look.minutes for look in take_due_looks(after(deployment, 23 * 60))] == [5, 15, 60]
    other = deploy("2.0.2", environment="staging")
    assert take_due_looks(after(other, 26 * 60)) == []


def test_the_deployment_that_follows_cuts_one_look_and_takes_the_rest():
    deployment = bad_release()
    follower = deploy("2.0.2", started_at=after(deployment, 9), state=DeploymentState.IN_PROGRESS)
    take_due_looks(after(deployment, 70))
    first, second = looks_of(deployment)
    cut = evidence_of(second.evidence)
    assert (first.minutes, second.minutes, cut.after.minutes, cut.cut_by) == (5, 15, 9, follower.pk)
    assert cut.before.minutes == 9


def test_two_workers_leave_one_look():
    deployment = bad_release()
    (look,) = take_due_looks(after(deployment, 6))
    evidence = evidence_of(look.evidence)
    assert write_look(deployment.pk, 5, evidence, now=after(deployment, 6)) is None
    assert DeploymentLook.objects.count() == 1
    connection.check_constraints()


def test_a_deployment_that_no_longer_stands_gets_no_look():
    deployment = bad_release()
    Deployment.objects.update(state=DeploymentState.ROLLED_BACK)
    assert take_due_looks(after(deployment, 6)) == []
    for state in (DeploymentState.FAILED, DeploymentState.ABANDONED):
        deploy("2.0.9", state=state, environment=state)
    assert take_due_looks(after(deployment, 6)) == []


def test_the_alert_ends_with_a_later_healthy_look():
    deployment = deploy()
    send(BEGAN - 15 * MINUTE, 15, each=1000, failing=4)
    send(after(deployment, 0), 1, each=1000, failing=50)
    send(after(deployment, 1), 14, each=1000, failing=2)
    for minutes in (6, 16):
        take_due_looks(after(deployment, minutes))
        judge_occurrences(after(deployment, minutes))
    assert [look.verdict for look in looks_of(deployment)] == [Verdict.UNHEALTHY, Verdict.HEALTHY]
    alert = alerts_of_deployments().get()
    assert (alert.state, alert.resolved_by) == ("resolved", "Releases")


@pytest.mark.parametrize(
    "turn, why",
    [
        ({"state": DeploymentState.ROLLED_BACK}, "2.0.1 to production was rolled back."),
        ({"kept_at": NOW, "kept_by": "Jonas", "kept_reason": "known"}, "Jonas keeps it: known."),
    ],
)
def test_the_alert_ends_when_the_deployment_is_taken_back_or_kept(turn, why):
    deployment = bad_release()
    take_due_looks(after(deployment, 6))
    judge_occurrences(after(deployment, 6))
    assert tell_ends(after(deployment, 7)) == 0
    Deployment.objects.update(**turn)
    assert tell_ends(after(deployment, 8)) == 1
    assert tell_ends(after(deployment, 9)) == 0
    alert = alerts_of_deployments().get()
    assert alert.state == "resolved"
    assert alert.timeline.get(kind="resolved").text == why


def test_the_next_deployment_that_succeeds_takes_its_place():
    deployment = bad_release()
    take_due_looks(after(deployment, 6))
    judge_occurrences(after(deployment, 6))
    deploy("2.0.0", started_at=after(deployment, 8))
    assert tell_ends(after(deployment, 11)) == 1
    assert alerts_of_deployments().get().timeline.get(kind="resolved").text == "2.0.0 to production took its place."


def test_a_late_look_at_what_was_replaced_opens_no_alert():
    deployment = bad_release()
    deploy("2.0.0", started_at=after(deployment, 12))
    assert len(take_due_looks(after(deployment, 18))) == 2
    judge_occurrences(after(deployment, 18))
    assert not alerts_of_deployments().exists()


def test_what_follows_a_bad_release_is_compared_with_what_was_before_that():
    """Else a second bad one, as bad as the first, would look healthy."""
    first = bad_release()
    take_due_looks(after(first, 6))
    second = deploy("2.0.2", started_at=after(first, 8))
    send(after(second, 0), 5, each=1000, failing=21)
    (look,) = [each for each in take_due_looks(after(second, 6)) if each.deployment_id == second.pk]
    assert look.verdict == Verdict.UNHEALTHY
    assert look.evidence["basis"] == "before_unhealthy"
    assert evidence_of(look.evidence).before.end == BEGAN
