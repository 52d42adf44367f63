"""Minutes of checks, sessions, alerts and custom metrics against what was put in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.choices import AlertCategory, AlertSeverity, AlertState
from alerts.models import Alert
from sla.minutes.packing import Minute
from sla.minutes.values import UNIT
from sla.sources.answering import answered_late
from sla.sources.thresholds import beyond
from tests.metrics.points.builders import a_point
from tests.performance.checks.builders import make_check
from tests.performance.test_sessions import aggregates, digest, update
from tests.projects.builders import make_project
from tests.sla.sources.reading import NOW, minutes
from tradewatch.metrics.points.values import gather
from tradewatch.metrics.points.writing import add_points
from tradewatch.performance.models import Check, CheckSpan
from tradewatch.projects.models import Project

START = int(NOW.timestamp()) - 3600
AROUND = (START, START + 3600)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(START + seconds, UTC)


# --- checks -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_uptime_is_in_seconds_and_exact_to_the_microsecond() -> None:
    check = make_check(environment="production")
    span(check, "up", 10, 70.25)
    span(check, "down", 70.25, 70.250001)
    span(check, "slow", 70.250001, 130)
    span(check, "paused", 130, 180)
    expected = {
        START: Minute(50 * UNIT, 0, 50, 0),
        START + 60: Minute(60 * UNIT, 1, 60, 1),
        START + 120: Minute(10 * UNIT, 0, 10, 0),
    }
    assert minutes(check.project, "uptime", *AROUND, "production", check=check.pk) == expected
    assert minutes(check.project, "uptime", *AROUND) == expected
    assert minutes(check.project, "uptime", *AROUND, "staging") == {}
    assert minutes(check.project, "uptime", START + 60, START + 120).keys() == {START + 60}


@pytest.mark.django_db
def test_checks_of_a_place_add_up() -> None:
    first = make_check(environment="production")
    everywhere = Check.objects.create(project=first.project, name="dns", kind="dns", environment="")
    other = Check.objects.create(project=first.project, name="dns", kind="dns", environment="staging")
    for each, state in ((first, "up"), (everywhere, "down"), (other, "down")):
        span(each, state, 0, 60)
    assert minutes(first.project, "uptime", *AROUND, "production") == {START: Minute(120 * UNIT, 60 * UNIT, 120, 60)}
    assert minutes(first.project, "uptime", *AROUND) == {START: Minute(180 * UNIT, 120 * UNIT, 180, 120)}


def span(check: Check, state: str, start: float, end: float) -> None:
    CheckSpan.objects.create(check_row=check, state=state, started_at=at(start), ended_at=at(end))


# --- sessions -----------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_sessions_that_crashed_are_bad() -> None:
    project = make_project()
    minute = {"started": "2026-11-23T11:58:10Z", "exited": 5, "errored": 2, "crashed": 3}
    digest(project, aggregates(minute), update("a", status="crashed"), update("b"))
    assert minutes(project, "crash_free", *AROUND, "production") == {
        START + 58 * 60: Minute(12 * UNIT, 4 * UNIT, 12, 4)
    }


# --- alerts -------------------------------------------------------------------------------------------------------
LIMIT = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("acknowledged", "resolved", "now", "expected"),
    [
        (15 * 60, None, 3000, False),  # at the limit is in time
        (15 * 60 + 0.001, None, 3000, True),
        (None, None, 15 * 60, None),  # there is time left
        (None, None, 15 * 60 + 1, True),
        (None, 600, 3000, None),  # it was over before anybody had to
        (None, 1200, 3000, True),
        (600, 700, 3000, False),
    ],
)
def test_when_an_alert_was_answered_in_time(
    acknowledged: float | None, resolved: float | None, now: float, expected: bool | None
) -> None:
    moments = [None if each is None else at(each) for each in (acknowledged, resolved)]
    assert answered_late(at(0), *moments, limit=LIMIT, now=at(now)) is expected


@pytest.mark.django_db
def test_alerts_count_in_the_minute_in_which_they_began() -> None:
    project = make_project()
    make_alert(project, "a", 30, acknowledged_at=at(200))
    make_alert(project, "b", 40)
    make_alert(project, "c", 50, resolved_at=at(60), state=AlertState.RESOLVED)
    make_alert(project, "d", 3000)
    make_alert(project, "e", 70, environment="staging")
    asked: Any = {"seconds": 900, "now": at(3600)}
    assert minutes(project, "alert_response", *AROUND, "production", **asked) == {START: Minute(2 * UNIT, UNIT, 2, 1)}
    everywhere = minutes(project, "alert_response", *AROUND, **asked)
    assert everywhere.keys() == {START, START + 60}


def make_alert(project: Project, key: str, starts: float, **fields: Any) -> Alert:
    defaults: dict[str, Any] = {
        "severity": AlertSeverity.ERROR,
        "category": AlertCategory.ERROR,
        "source": "test",
        "title": key,
        "environment": "production",
        "starts_at": at(starts),
        "last_at": at(starts),
    }
    return Alert.objects.create(project=project, dedup_key=key, **{**defaults, **fields})


# --- custom metrics -----------------------------------------------------------------------------------------------
def put(project: Project, *points: tuple[float, float, str], type: str = "counter", **attributes: str) -> None:
    add_points(
        a_point(value, at=START + seconds, name=name, type=type, project_id=project.pk, attributes=attributes)
        for seconds, value, name in points
    )


@pytest.mark.django_db
def test_a_ratio_is_of_sums_and_unknown_without_a_total() -> None:
    project = make_project()
    put(project, (0, 10, "orders"), (30, 2, "orders"), (10, 9, "filled"), (70, 3, "filled"), venue="XNYS")
    put(project, (5, 4, "orders"), (130, 1, "orders"), (130, 5, "filled"), venue="XLON")
    asked = {"good": "filled", "total": "orders"}
    assert minutes(project, "custom_ratio", *AROUND, **asked) == {
        START: Minute(16 * UNIT, 7 * UNIT, 16, 7),
        START + 120: Minute(UNIT, 0, 1, 0),
    }
    only = minutes(project, "custom_ratio", *AROUND, "production", **asked, filter={"venue": "XNYS"})
    assert only == {START: Minute(12 * UNIT, 3 * UNIT, 12, 3)}
    assert minutes(project, "custom_ratio", *AROUND, good="filled", total="nothing") == {}


@pytest.mark.django_db
def test_values_beyond_a_threshold_are_bad() -> None:
    project = make_project()
    put(project, (0, 1.0, "lag"), (70, 3.0, "lag"), type="gauge", host="a")
    put(project, (10, 5.0, "lag"), type="gauge", host="b")
    assert minutes(project, "custom_value", *AROUND, metric="lag", operator="<=", threshold=2) == {
        START: Minute(2 * UNIT, UNIT, 2, 1),
        START + 60: Minute(UNIT, UNIT, 1, 1),
    }
    assert minutes(project, "custom_value", *AROUND, metric="lag", operator=">=", threshold=3)[START + 60].bad == 0


@pytest.mark.parametrize(
    ("values", "operator", "threshold", "expected"),
    [
        ([1, 2, 3], "<=", 3, (0, True)),
        ([1, 2, 3], "<=", 0.5, (3, True)),
        ([1, 3], "<=", 2, (1, True)),
        ([1, 2, 3], ">=", 1, (0, True)),
        ([1, 2, 3], ">=", 3.5, (3, True)),
        ([-5, 5], ">=", 0, (1, True)),
        ([1, 1, 1, 9], "<=", 2, (1, False)),
        ([1, 9, 9, 9], "<=", 2, (3, False)),
        ([1, 9, 9, 9], ">=", 2, (1, False)),
        ([-9, -9, -1, 4], ">=", -2, (2, False)),
    ],
)
def test_how_many_points_of_a_cell_lie_beyond(
    values: list[float], operator: str, threshold: float, expected: tuple[int, bool]
) -> None:
    points = [a_point(each, type="distribution") for each in values]
    ((cells,),) = [
        list(of_minute.values()) for of_metric in gather(points).values() for of_minute in of_metric.values()
    ]
    assert beyond(cells, operator, threshold) == expected
