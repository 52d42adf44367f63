"""A crossed threshold on its way: from an item of the stream to an alert."""

from typing import Any

import orjson
import pytest
from django.utils import timezone

from alerts.models import Alert, AlertRule, OccurrenceRecord
from alerts.services.judging import judge_occurrences
from tests.inbox.builders import make_arrival
from tests.projects.builders import make_project
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Unreadable
from tradewatch.inbox.models import KeptItem
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.performance.thresholds import ThresholdHandler
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
CROSSED = {"name": "database_query", "threshold_seconds": 1.0, "worst_seconds": 2.3, "count": 3, "environment": "lab"}


@pytest.fixture
def project() -> Project:
    return make_project()


def take(project: Project, *documents: Any, event_id: str = "a" * 32, times: int = 1) -> None:
    handler = HANDLERS["tradewatch_threshold"]
    assert isinstance(handler, ThresholdHandler)
    arrival = make_arrival(project, event_id=event_id)
    items = [Item("tradewatch_threshold", {}, orjson.dumps(document)) for document in documents]
    drafts = [draft for _ in range(times) for item in items if (draft := handler.prepare(item, arrival))]
    if drafts:
        handler.store(drafts, now=timezone.now())
    judge_occurrences(timezone.now())


def test_it_becomes_an_alert_that_ends_by_itself(project: Project) -> None:
    take(project, CROSSED)
    alert = Alert.objects.get()
    assert alert.title == "database_query took 2.3 s (limit 1 s)"
    assert (alert.severity, alert.category, alert.environment, alert.count) == ("warning", "performance", "lab", 3)
    assert alert.tags["function"] == "database_query"
    assert "3 times" in alert.message
    assert alert.expires_at is not None and alert.rule.kind == "slow_code"


def test_a_second_delivery_counts_once_and_more_of_it_counts_on(project: Project) -> None:
    take(project, CROSSED, times=2)
    take(project, CROSSED)
    assert (OccurrenceRecord.objects.count(), KeptItem.objects.count()) == (1, 1)
    take(project, {**CROSSED, "count": 2}, event_id="b" * 32)
    assert Alert.objects.get().count == 5


def test_names_and_environments_are_alerts_of_their_own(project: Project) -> None:
    take(project, CROSSED, {**CROSSED, "name": "risk_check"}, {**CROSSED, "environment": "production"})
    assert Alert.objects.count() == 3


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"name": 5}, {"threshold_seconds": None}, {"worst_seconds": "much"}, {"worst_seconds": -1}]
)
def test_what_cannot_be_read_is_a_dead_letter(project: Project, change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        take(project, {**CROSSED, **change})


def test_odd_counts_and_moments_cost_themselves_alone(project: Project) -> None:
    take(project, {**CROSSED, "count": -7, "timestamp": "never"})
    assert Alert.objects.get().count == 1


def test_a_switched_off_rule_or_switch_keeps_it_silent(project: Project, settings: Any) -> None:
    AlertRule.objects.filter(kind="slow_code").update(is_enabled=False)
    take(project, CROSSED)
    assert OccurrenceRecord.objects.count() == 1 and not Alert.objects.exists()
    settings.SENTRY_ENABLE_PERFORMANCE_MONITORING = False
    take(project, CROSSED, event_id="c" * 32)
    assert OccurrenceRecord.objects.count() == 1
