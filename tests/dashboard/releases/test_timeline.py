from datetime import timedelta
from typing import Any

import pytest

from releases.choices import DeploymentState, Verdict
from releases.models import Deployment
from tests.releases.builders import NOW
from tradewatch.dashboard.releases.timeline import Lane, lane_of, weeks_of

DAY = timedelta(days=1)
START, END = NOW - 10 * DAY, NOW


def ended(
    version: str, days_ago: float, state: DeploymentState = DeploymentState.SUCCEEDED, **fields: Any
) -> Deployment:
    at = NOW - days_ago * DAY
    is_open = state == DeploymentState.IN_PROGRESS
    values: dict[str, Any] = {"environment": "production", "verdict": "", **fields}
    return Deployment(version=version, state=state, started_at=at, finished_at=None if is_open else at, **values)


def stretches(lane: Lane) -> list[tuple[str, str, str]]:
    return [(each.label, each.x, each.width) for each in lane.stretches]


def test_a_version_runs_until_the_next_one_succeeds() -> None:
    rows = [
        ended("api@2.0.1", 2, verdict=Verdict.UNHEALTHY),
        ended("api@2.0.0", 6, verdict=Verdict.HEALTHY),
        ended("api@1.9", 30),
        ended("api@2.0.2", 1, DeploymentState.FAILED),
        ended("api@2.0.3", 0.5, DeploymentState.IN_PROGRESS),
    ]
    lane = lane_of("production", rows, START, END)
    assert stretches(lane) == [("1.9", "0.00", "40.00"), ("2.0.0", "40.00", "40.00"), ("2.0.1", "80.00", "20.00")]
    assert [(each.x, each.style) for each in lane.points] == [
        ("40.00", "ok"),
        ("80.00", "critical"),
        ("90.00", "error"),
        ("95.00", "info"),
    ]
    assert lane.count == 4
    assert lane.finding.startswith("production: api@2.0.0 healthy 17 Nov")


def test_what_was_rolled_back_ran_until_then_and_a_narrow_stretch_has_no_label() -> None:
    lane = lane_of("production", [ended("2.0.0", 1, DeploymentState.ROLLED_BACK), ended("1.9.4", 0.9)], START, END)
    assert [(each.style, each.label) for each in lane.stretches] == [("ov", ""), ("ot", "1.9.4")]


def test_a_way_back_is_told_apart_from_other_ways() -> None:
    rows = [
        ended("2.0.0", 3, DeploymentState.ROLLED_BACK, verdict=Verdict.UNHEALTHY, pk=1),
        ended("1.9.4", 2, pk=2),
        ended("1.9.5", 1, pk=3),
    ]
    lane = lane_of("production", rows, START, END, back={2})
    assert [each.style for each in lane.points] == ["critical", "back", "none"]
    assert [each.title for each in lane.points] == [
        "2.0.0 unhealthy, rolled back 20 Nov 14:52",
        "1.9.4 brought back, no verdict yet 21 Nov 14:52",
        "1.9.5 no verdict yet 22 Nov 14:52",
    ]


@pytest.mark.parametrize("rows", [[], [ended("1.0", 20, DeploymentState.FAILED)], [ended("1.0", -1)]])
def test_where_nothing_ran_nothing_is_drawn(rows: list[Deployment]) -> None:
    lane = lane_of("production", rows, START, END)
    assert (lane.stretches, lane.points, lane.finding) == ((), (), "production: nothing went out")


def test_mondays_are_marked() -> None:
    assert [(each.label, each.x) for each in weeks_of(START, END)] == [("16 Nov", "23.80"), ("23 Nov", "93.80")]
