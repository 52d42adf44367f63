"""What is counted for a look, and which market an environment follows."""

from datetime import timedelta

import pytest

from alerts.models import Alert, QuietHours
from alerts.services.judging import judge_occurrences
from releases.choices import DeploymentState, WindowRule
from releases.deployments.asked import Start
from releases.deployments.services import complete_deployment, start_deployment
from releases.models import DeploymentWindow
from releases.verdicts.evidence import Finding, evidence_of
from releases.verdicts.markets import market_code
from releases.verdicts.services import take_due_looks
from releases.verdicts.telling import tell_ends
from tests.calendars.builders import thanksgiving_week
from tests.projects.builders import make_project
from tests.releases.builders import MINUTE, NOW, make_deployment
from tests.releases.verdicts.traffic import after, send, throw
from tests.sla.figures.stored import make_target
from tradewatch.core.actors import SYSTEM
from tradewatch.errors.models import Issue
from tradewatch.metrics.services import CountRow, add_counts

pytestmark = pytest.mark.django_db
BEGAN = NOW.replace(second=0)
HOUR = timedelta(hours=1)


def seen(deployment, minutes: float = 6):
    look = take_due_looks(after(deployment, minutes))[-1]
    return evidence_of(look.evidence)


def test_failures_that_always_came_in_bursts_are_no_news():
    deployment = make_deployment(started_at=BEGAN)
    for number in range(36):  # every ten minutes a minute in which a venue is away
        send(BEGAN - 6 * HOUR + 10 * number * MINUTE, 1, each=500, failing=40)
        send(BEGAN - 6 * HOUR + (10 * number + 6) * MINUTE, 1, each=500)
    send(BEGAN - 5 * MINUTE, 5, each=100)
    send(after(deployment, 0), 5, each=100)
    send(after(deployment, 3), 1, each=100, failing=40)
    (found,) = seen(deployment).judgement.errors
    assert (found.finding != Finding.WORSE, found.burstiness > 10) == (True, True)


def test_the_same_failures_without_such_a_past_are():
    deployment = make_deployment(started_at=BEGAN)
    send(BEGAN - 5 * MINUTE, 5, each=100)
    send(after(deployment, 0), 5, each=100)
    send(after(deployment, 3), 1, each=100, failing=40)
    (found,) = seen(deployment).judgement.errors
    assert (found.finding, found.burstiness) == (Finding.WORSE, 1.0)


def test_latency_that_always_wandered_is_no_news():
    deployment = make_deployment(started_at=BEGAN)
    for number in range(72):
        send(BEGAN - 6 * HOUR + 5 * number * MINUTE, 1, each=60, seconds=0.2 if number % 3 else 0.3)
    send(after(deployment, 0), 5, each=60, seconds=0.3)
    (found,) = seen(deployment).judgement.latencies
    assert found.shift is not None and found.shift > 1.2
    assert (found.finding != Finding.WORSE, found.wandering > 0.1) == (True, True)


def test_another_deployment_in_the_past_is_not_taken_for_wandering():
    make_deployment("2.0.0", started_at=BEGAN - 3 * HOUR)
    deployment = make_deployment(started_at=BEGAN)
    for number in range(36):
        send(BEGAN - 6 * HOUR + 5 * number * MINUTE, 1, each=60, seconds=0.9)
        send(BEGAN - 3 * HOUR + 5 * number * MINUTE, 1, each=60, seconds=0.2)
    send(after(deployment, 0), 5, each=60, seconds=0.3)
    (found,) = seen(deployment).judgement.latencies
    assert (found.finding, found.wandering) == (Finding.WORSE, pytest.approx(0, abs=0.03))


def test_an_issue_that_always_came_in_bursts_is_no_news():
    deployment = make_deployment(started_at=BEGAN)
    for number in range(12):
        throw(BEGAN - 6 * HOUR + 30 * number * MINUTE, 20)
    throw(after(deployment, 1), 20)
    found = seen(deployment).judgement
    assert [each for each in found.issues if each.finding == Finding.WORSE] == []


def test_a_merged_issue_counts_for_what_it_was_merged_into():
    deployment = make_deployment(started_at=BEGAN)
    throw(BEGAN - 9 * HOUR, 1, type="RiskError")
    throw(after(deployment, 1), 30)
    root = Issue.objects.get(exception_type="RiskError")
    issue = Issue.objects.get(exception_type="KeyError")
    Issue.objects.filter(pk=issue.pk).update(merged_into=root)
    start = int(after(deployment, 1).timestamp())
    add_counts([CountRow(root.project_id, "production", f"issue:{root.pk}", start, 30, 30.0)])
    (found,) = seen(deployment).judgement.issues
    assert (found.issue_id, found.after) == (root.pk, 30)


def test_sessions_stand_for_requests_where_there_are_none():
    deployment = make_deployment(started_at=BEGAN)
    project_id = deployment.project_id
    for at, errored in ((BEGAN - 3 * MINUTE, 2), (after(deployment, 2), 60)):
        for series, count in (("sessions", 500), ("sessions.errored", errored)):
            add_counts([CountRow(project_id, "production", series, at.timestamp(), count, float(count))])
    (found,) = seen(deployment).judgement.errors
    assert (found.endpoint, found.finding, found.after.failed) == ("sessions", Finding.WORSE, 60)


def test_another_environment_and_project_are_not_counted():
    deployment = make_deployment(started_at=BEGAN)
    send(BEGAN - 5 * MINUTE, 5, each=200)
    send(after(deployment, 0), 5, each=200)
    send(after(deployment, 0), 5, each=200, failing=100, environment="staging")
    send(after(deployment, 0), 5, each=200, failing=100, project_id=make_project("other").pk)
    assert seen(deployment).judgement.verdict == "healthy"


def test_a_sample_rate_makes_no_evidence():
    """Two of a hundred that came stand for 200 of 10,000; only what came counts."""
    deployment = make_deployment(started_at=BEGAN)
    send(BEGAN - 5 * MINUTE, 5, each=20, weight=100.0)
    send(after(deployment, 0), 5, each=20, failing=1, weight=100.0)
    found = seen(deployment).judgement
    assert (found.errors[0].after.failed, found.errors[0].after.requests) == (5, 100)
    assert found.errors[0].finding == Finding.FEW
    assert found.latencies[0].after.measured == 100


def test_the_market_is_that_of_windows_then_of_targets_then_of_quiet_hours():
    project = make_project()
    assert market_code(project.pk, "production") == ""
    QuietHours.objects.create(name="night", calendar="XTKS")
    assert market_code(project.pk, "production") == "XTKS"
    make_target("orders", window="market", market="XLON")
    assert market_code(project.pk, "production") == "XLON"
    DeploymentWindow.objects.create(project=project, name="any", rule=WindowRule.OUTSIDE_SESSION, calendar="XHKG")
    DeploymentWindow.objects.create(
        project=project, name="here", rule=WindowRule.OUTSIDE_SESSION, calendar="XNYS", environment="production"
    )
    assert market_code(project.pk, "production") == "XNYS"
    assert market_code(project.pk, "staging") == "XHKG"
    DeploymentWindow.objects.update(is_enabled=False)
    assert market_code(project.pk, "staging") == "XLON"


def test_over_the_open_the_session_before_is_read():
    """At 14:52 New York has just opened, and is ten times as busy, and as faulty, as half an hour before."""
    thanksgiving_week()
    QuietHours.objects.create(name="night", calendar="XNYS")
    deployment = make_deployment(started_at=BEGAN + 24 * HOUR)
    send(BEGAN + 2 * MINUTE, 60, each=40, failing=2)
    send(deployment.started_at - 60 * MINUTE, 60, each=20)
    send(after(deployment, 0), 60, each=40, failing=2)
    evidence = seen(deployment, 62)
    assert (evidence.basis, evidence.phase) == ("session", "XNYS: in the session")
    assert evidence.before.start == BEGAN + 2 * MINUTE
    assert evidence.judgement.verdict == "healthy"


def test_a_failed_deployment_is_told_and_ends_with_the_next_that_succeeds():
    project = make_project()
    for number, success in enumerate((False, True)):
        at = NOW + number * HOUR
        started = start_deployment(SYSTEM, project, Start("production", version="2.0.1", deployed_by="Mara"), now=at)
        complete_deployment(SYSTEM, started.deployment.pk, success=success, message="migration failed", now=at + MINUTE)
        judge_occurrences(at + MINUTE)
        tell_ends(at + 2 * MINUTE)
        alert = Alert.objects.get()
        assert (alert.title, alert.severity) == ("2.0.1 to production failed", "warning")
        assert alert.message == "migration failed Deployed by Mara."
        assert alert.state == ("resolved" if success else "firing")


def test_what_was_abandoned_is_not_told():
    make_deployment(state=DeploymentState.ABANDONED)
    judge_occurrences(NOW)
    assert not Alert.objects.exists()
