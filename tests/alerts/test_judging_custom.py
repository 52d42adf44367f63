"""Rules over custom metrics, from the point that a client sends to the end of the alert."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.choices import AlertState
from alerts.models import Alert, AlertRule
from alerts.replay.measured import replay_measured
from alerts.services import judge_measures
from tests.alerts.builders import MINUTE, NOW
from tests.metrics.points.builders import a_point
from tests.projects.builders import make_project
from tradewatch.metrics.points.writing import add_points

pytestmark = pytest.mark.django_db
END = NOW.replace(second=0, microsecond=0)


@pytest.fixture
def project():
    return make_project("trading-api")


def send(project: Any, values: list[float], *, minutes: range, **more: Any) -> None:
    add_points(
        a_point(value, at=(END - ago * MINUTE).timestamp() + number, project_id=project.pk, **more)
        for ago in minutes
        for number, value in enumerate(values)
    )


def store_rule(**fields: Any) -> AlertRule:
    settled = {"name": "Watch", "kind": "custom_metric", "minimum_count": 5, "threshold": 50, **fields}
    return AlertRule.objects.create(**settled)


def judge(minutes: int = 0) -> None:
    AlertRule.objects.update(last_judged_at=None)
    judge_measures(END + minutes * MINUTE + timedelta(seconds=30))


def reason() -> str:
    return AlertRule.objects.get(name="Watch").last_reason


def test_a_percentile_above_its_limit_opens_an_alert_and_ends_by_itself(project):
    store_rule(series="latency", statistic="p95", unit="millisecond", severity="error")
    send(project, [10.0, 80.0, 90.0], minutes=range(1, 6), name="latency", type="distribution", unit="millisecond")
    judge()
    alert = Alert.objects.get()
    assert alert.title.startswith("Watch: p95 of latency 89.")
    assert "above 50 ms: 15 points in 5 min." in alert.message
    assert (alert.category, alert.environment, alert.tags["series"]) == ("business", "production", "latency")
    send(project, [10.0] * 20, minutes=range(-7, 1), name="latency", type="distribution", unit="millisecond")
    for minute in range(1, 12):
        judge(minute)
    alert.refresh_from_db()
    assert alert.state == AlertState.RESOLVED


def test_each_value_of_an_attribute_is_judged_by_itself(project):
    store_rule(series="rejected", statistic="rate", threshold=20, group_by="venue", attributes="side=buy")
    for venue, number in (("XNYS", 30), ("XLON", 3)):
        send(project, [1.0] * number, minutes=range(1, 6), name="rejected", attributes={"venue": venue, "side": "buy"})
    send(project, [1.0] * 40, minutes=range(1, 6), name="rejected", attributes={"venue": "XLON", "side": "sell"})
    judge()
    alert = Alert.objects.get()
    assert alert.title == "Watch: rejected 30/min of venue XNYS"
    assert alert.tags["venue"] == "XNYS"


def test_a_rate_that_falls_to_nothing_is_below(project):
    store_rule(series="filled", statistic="rate", threshold=1, comparison="below", minimum_count=20)
    send(project, [1.0] * 10, minutes=range(30, 40), name="filled")
    judge()
    assert Alert.objects.get().title == "Watch: filled 0/min"


def test_too_few_points_and_silence_are_unknown(project):
    store_rule(series="latency", statistic="avg", minimum_count=20)
    send(project, [500.0] * 3, minutes=range(1, 2), name="latency", type="distribution")
    judge()
    assert not Alert.objects.exists()
    assert reason().startswith("production: Too little to judge: 3 points in 5 min, needs 20")
    AlertRule.objects.update(series="nothing")
    judge()
    assert reason() == "Nothing measured: the series was not counted within a day."


def test_a_bar_in_an_attribute_does_not_break_the_key_of_its_alert(project):
    store_rule(series="open", statistic="max", group_by="book")
    send(project, [99.0], minutes=range(1, 3), name="open", type="gauge", attributes={"book": "a|b"})
    judge()
    judge(1)
    assert Alert.objects.get().dedup_key.count("|") == 3
    for minute in range(2, 20):
        judge(minute)


def test_a_replay_finds_what_live_found(project):
    rule = store_rule(series="rejected", statistic="sum", threshold=50, for_seconds=120, group_by="venue")
    for venue in ("XNYS", "XLON"):
        send(project, [1.0], minutes=range(1, 120), name="rejected", attributes={"venue": venue})
    send(project, [30.0], minutes=range(80, 90), name="rejected", attributes={"venue": "XNYS"})
    send(project, [30.0], minutes=range(1, 10), name="rejected", attributes={"venue": "XLON"})
    first, last = int((END - 120 * MINUTE).timestamp()), int(END.timestamp())
    found = list(replay_measured(rule, (project.pk,), first=first, last=last))
    for minute in range(-120, 1):
        judge_measures(END + minute * MINUTE)
    live = Alert.objects.order_by("starts_at")
    assert len(found) == 2
    assert sorted((each.title, each.starts_at, each.key) for each in found) == sorted(
        (alert.title, alert.starts_at, alert.dedup_key) for alert in live
    )
    ended = next(each for each in found if each.ended_at)
    assert "XNYS" in ended.title
