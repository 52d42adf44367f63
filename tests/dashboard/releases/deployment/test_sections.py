"""The sections of a deployment's page that do not need a look: errors by release, cost, alerts since, looks to come."""

from datetime import timedelta
from typing import Any

import pytest

from releases.choices import DeploymentState, Verdict
from releases.models import Deployment, DeploymentLook
from sla.minutes.values import UNIT, Sums
from tests.dashboard.builders import count as count_series
from tests.dashboard.builders import make_alert, make_issue
from tests.performance.traces.builders import make_row
from tests.projects.builders import make_project
from tests.releases.builders import MINUTE, NOW, make_deployment
from tests.sla.figures.stored import make_target, measure_of, store
from tradewatch.dashboard.releases.deployment.alerts import alerts_since, how_long
from tradewatch.dashboard.releases.deployment.cost import cost_of
from tradewatch.dashboard.releases.deployment.errors import errors_of, period_of
from tradewatch.dashboard.releases.deployment.looks import steps_of
from tradewatch.dashboard.releases.deployment.new_issues import new_issues
from tradewatch.dashboard.releases.deployment.running import running_of
from tradewatch.errors.models import IssueUser
from tradewatch.performance.traces.counting import add_transactions

END = NOW + 2 * MINUTE  # of `make_deployment`
LATER = NOW + 20 * MINUTE


def requests(number: int, after: timedelta, *, failed: int = 0, release: str = "api@2.0.1", **fields: Any) -> None:
    """Count requests in the minute so long after the deployment's end."""
    at = (END + after).timestamp()
    place = {"project_id": make_project().pk, "release": release, **fields}
    add_transactions([make_row(at, is_failed=n < failed, **place) for n in range(number)], now=LATER)


# --- when it ran ----------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_deployment_answers_for_the_time_until_the_next_one() -> None:
    row = make_deployment()
    make_deployment("2.0.2", state=DeploymentState.FAILED, started_at=NOW + 5 * MINUTE)
    make_deployment("9", environment="staging", started_at=NOW + 5 * MINUTE)
    ran = running_of(row, now=LATER)
    assert ran and (ran.start, ran.end, ran.successor) == (END, LATER, None)
    following = make_deployment("2.0.3", started_at=NOW + 8 * MINUTE)
    ran = running_of(row, now=LATER)
    assert ran and (ran.end, ran.successor) == (NOW + 10 * MINUTE, following)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "start"),
    [(DeploymentState.IN_PROGRESS, NOW), (DeploymentState.FAILED, None), (DeploymentState.ABANDONED, None)],
)
def test_what_never_went_out_answers_for_nothing(state: DeploymentState, start: Any) -> None:
    ran = running_of(make_deployment(state=state), now=LATER)
    assert (ran and ran.start) == start


# --- errors by release ----------------------------------------------------------------------------------------------
def drawn(row: Deployment, name: str = "") -> dict[str, dict[int, float]]:
    """Return {line: {minute after the end: percent}}."""
    chart = errors_of(row, name, now=LATER)
    at = int(END.timestamp()) // 60 * 60
    return {
        line.name: {
            (chart.start + n * chart.step - at) // 60: value for n, value in enumerate(line.values) if value is not None
        }
        for line in chart.lines
    }


@pytest.mark.django_db
def test_each_release_has_its_own_line_also_while_both_answer() -> None:
    row = make_deployment(previous=make_deployment("2.0.0", started_at=NOW - timedelta(days=1)))
    requests(10, -3 * MINUTE, failed=1, release="api@2.0.0")
    requests(10, MINUTE, failed=0, release="api@2.0.0")
    requests(5, MINUTE, failed=2)
    requests(5, MINUTE, failed=5, environment="staging")
    assert drawn(row) == {"2.0.0": {-3: 10.0, 1: 0.0}, "2.0.1": {1: 40.0}}
    requests(4, MINUTE, failed=4, name="POST /orders")
    assert drawn(row, "POST /orders") == {"2.0.0": {}, "2.0.1": {1: 100.0}}


@pytest.mark.django_db
def test_where_requests_name_no_release_the_time_tells() -> None:
    row = make_deployment()
    requests(10, -MINUTE, failed=1, release="")
    requests(10, MINUTE, failed=5, release="")
    assert drawn(row) == {"before": {-1: 10.0}, "after": {1: 50.0}}


@pytest.mark.django_db
def test_the_same_version_once_more_is_told_apart_by_time() -> None:
    row = make_deployment(previous=make_deployment("2.0.1", started_at=NOW - timedelta(days=1)))
    requests(10, -MINUTE, failed=1)
    requests(10, MINUTE, failed=5)
    assert drawn(row) == {"before": {-1: 10.0}, "after": {1: 50.0}}


@pytest.mark.django_db
def test_requests_of_versions_that_nobody_deployed_are_called_others() -> None:
    row = make_deployment(previous=make_deployment("2.0.0", started_at=NOW - timedelta(days=1)))
    requests(10, -MINUTE, failed=1, release="worker@7")
    requests(10, MINUTE, failed=5)
    assert drawn(row) == {"others": {-1: 10.0}, "2.0.1": {1: 50.0}}


def test_the_chart_spans_an_hour_on_either_side_without_the_running_minute() -> None:
    row = Deployment(started_at=NOW, finished_at=END)
    assert (period_of(row, now=LATER).start, period_of(row, now=LATER).end) == (
        END - timedelta(hours=1),
        LATER.replace(second=0),
    )
    assert period_of(row, now=NOW + timedelta(days=2)).end == END + timedelta(hours=1)


# --- what it cost ---------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_deployment_pays_for_its_own_failures_while_it_ran() -> None:
    target = make_target("order_availability", environment="production")
    minute = int(END.timestamp()) // 60 * 60
    store(
        measure_of(target),
        {
            minute - 600: Sums(10_000 * UNIT, 4 * UNIT, 10_000, 4, 1),
            minute - 60: Sums(100 * UNIT, 1 * UNIT, 100, 1, 1),
            minute + 60: Sums(9_900 * UNIT, 4 * UNIT, 9_900, 4, 1),
        },
    )
    requests(100, -10 * MINUTE, failed=4, release="api@2.0.0")
    requests(90, MINUTE, failed=2)
    requests(7, -MINUTE, failed=1)  # its first process, while others were still replaced
    requests(3, MINUTE, failed=2, release="api@2.0.0")
    make_target("staging_availability", environment="staging")
    row = make_deployment()
    ran = running_of(row, now=LATER)
    assert ran
    found = cost_of(row, ran)
    assert (found.failed, found.requests, found.is_own) == (3.0, 97.0, True)
    (paid,) = found.budgets
    # 20,000 requests at 99% may lose 200: three of them are 1.5 points
    assert (paid.target, paid.points, paid.left, paid.without, paid.is_own) == (
        target,
        "1.5 points of the budget",
        "95.5% left",
        "97% left",
        True,
    )


@pytest.mark.django_db
def test_where_no_request_names_the_release_all_that_was_bad_is_meant_and_said() -> None:
    target = make_target("order_availability", environment="")
    minute = int(END.timestamp()) // 60 * 60
    store(measure_of(target), {minute + 60: Sums(1000 * UNIT, 5 * UNIT, 1000, 5, 1)})
    requests(10, MINUTE, failed=5, release="")
    row = make_deployment()
    ran = running_of(row, now=LATER)
    found = cost_of(row, ran) if ran else None
    assert found and (found.failed, found.is_own, found.budgets[0].is_own) == (5.0, False, False)


@pytest.mark.django_db
def test_users_are_counted_once_over_the_new_issues() -> None:
    row = make_deployment()
    new, other = (make_issue(first_seen_at=END + MINUTE, number=n) for n in (1, 2))
    old = make_issue(first_seen_at=NOW - timedelta(days=1), number=3)
    elsewhere = make_issue(first_seen_at=END + MINUTE, number=4)
    for issue in (new, other, old):
        count_series(f"issue:{issue.pk}", END + MINUTE, 3)
    count_series(f"issue:{elsewhere.pk}", END + MINUTE, 3, environment="staging")
    pairs = [(new, 7), (new, 8), (other, 8), (old, 9), (elsewhere, 10)]
    IssueUser.objects.bulk_create([IssueUser(issue=issue, user_hash=user) for issue, user in pairs])
    ran = running_of(row, now=LATER)
    assert ran and {issue.pk for issue in new_issues(row, ran)} == {new.pk, other.pk}
    assert cost_of(row, ran).users == 2


# --- alerts since ---------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_alerts_that_began_while_it_ran_in_its_environment_or_in_none() -> None:
    row = make_deployment()
    make_alert(title="before", starts_at=NOW - MINUTE)
    make_alert(title="elsewhere", starts_at=END, environment="staging")
    make_alert(title="ended", starts_at=END + 3 * MINUTE, state="resolved", resolved_at=END + 5 * MINUTE)
    make_alert(title="fires", starts_at=END + MINUTE, environment="production")
    make_alert(title="late", starts_at=END + 9 * MINUTE)
    found = alerts_since(row, END + 8 * MINUTE)
    assert [(alert.title, how_long(alert, LATER)) for alert in found] == [
        ("fires", "firing 17 min"),
        ("ended", "ended after 2 min"),
    ]
    assert [alert.title for alert in alerts_since(row, None)] == ["late", "fires", "ended"]


# --- looks ----------------------------------------------------------------------------------------------------------
def look(minutes: int, verdict: Verdict = Verdict.UNHEALTHY) -> DeploymentLook:
    return DeploymentLook(
        minutes=minutes, verdict=verdict, summary=f"seen after {minutes}", looked_at=END + minutes * MINUTE
    )


def told(
    row: Deployment, *found: DeploymentLook, follower: Deployment | None = None
) -> list[tuple[int, str, str, str]]:
    return [(step.minutes, step.tick, step.word, step.said) for step in steps_of(row, found, follower, LATER)]


def ended(state: DeploymentState = DeploymentState.SUCCEEDED) -> Deployment:
    is_open = state == DeploymentState.IN_PROGRESS
    return Deployment(state=state, started_at=NOW, finished_at=None if is_open else END)


def test_looks_that_were_taken_and_those_to_come() -> None:
    assert told(ended(), look(5), look(15, Verdict.INSUFFICIENT)) == [
        (5, "bad", "unhealthy", "seen after 5"),
        (15, "skip-it", "insufficient data", "seen after 15"),
        (60, "", "", "due in 43 min"),  # an hour from the next whole minute, and time for what is late
    ]
    assert told(ended())[0] == (5, "", "", "due now")
    assert [minutes for minutes, *_ in told(ended(), look(15, Verdict.HEALTHY))] == [15, 60]


def test_looks_that_the_next_deployment_forestalls() -> None:
    follower = Deployment(started_at=END + 12 * MINUTE)
    steps = told(ended(), look(5), follower=follower)
    assert [(minutes, word, said) for minutes, _, word, said in steps] == [
        (5, "unhealthy", "seen after 5"),
        (15, "", "due now"),  # over the eleven minutes that were left
        (60, "not taken", "the next deployment had begun"),
    ]


@pytest.mark.parametrize("state", [DeploymentState.IN_PROGRESS, DeploymentState.FAILED, DeploymentState.ROLLED_BACK])
def test_of_what_did_not_stay_no_look_is_to_come(state: DeploymentState) -> None:
    assert told(ended(state), look(5)) == [(5, "bad", "unhealthy", "seen after 5")]
    assert told(ended(state)) == []
