"""A replay decides as live does: what it finds is what the judges opened over the same minutes."""

from datetime import timedelta

import pytest

from alerts.models import Alert, AlertRule
from alerts.replay.measured import replay_error_rate, replay_measured
from alerts.services import judge_error_rates, judge_measures
from tests.alerts.builders import MINUTE, NOW, count_minutes
from tests.projects.builders import make_project

pytestmark = pytest.mark.django_db
END = NOW.replace(second=0, microsecond=0)
FIRST, LAST = int((END - timedelta(minutes=120)).timestamp()), int(END.timestamp())


def opened() -> list[tuple[str, str, object, object]]:
    rows = Alert.objects.order_by("starts_at", "environment")
    return [(alert.title, alert.environment, alert.starts_at, alert.resolved_at) for alert in rows]


@pytest.mark.slow
def test_a_measured_rule_fires_in_a_replay_when_it_fires_live() -> None:
    project = make_project("trading-api")
    count_minutes("orders.rejected", 1, project=project, minutes=range(1, 120))
    count_minutes("orders.rejected", 30, project=project, minutes=range(80, 90))
    count_minutes("orders.rejected", 30, project=project, minutes=range(1, 10), environment="staging")
    rule = AlertRule.objects.create(
        kind="metric", name="Rejects", series="orders.rejected", threshold=50, for_seconds=120, severity="error"
    )
    found = list(replay_measured(rule, (project.pk,), first=FIRST, last=LAST))
    for minute in range(-120, 1):
        judge_measures(END + minute * MINUTE)
    live = [(title, environment, at, ended and ended.replace(second=0)) for title, environment, at, ended in opened()]
    assert len(live) == 2
    assert [(each.title, each.environment, each.starts_at, each.ended_at) for each in found] == live
    assert found[1].ended_at is None
    assert found[0].reason.startswith("95 orders.rejected, above 50 for 2 min")


@pytest.mark.slow
def test_an_error_rate_fires_in_a_replay_when_it_fires_live() -> None:
    project = make_project("trading-api")
    count_minutes("transactions", 100, project=project, minutes=range(1, 120))
    count_minutes("transactions.failed", 40, project=project, minutes=range(60, 70))
    count_minutes("events", 50, project=project, minutes=range(20, 25), environment="batch")
    rule = AlertRule.objects.get(kind="error_rate", is_default=True)
    found = list(replay_error_rate(rule, (project.pk,), first=FIRST, last=LAST))
    for minute in range(-120, 1):
        judge_error_rates(END + minute * MINUTE)
    assert [(each.title, each.environment, each.starts_at, each.ended_at) for each in found] == sorted(
        opened(), key=lambda row: row[1]
    )
    assert len(found) == 2
