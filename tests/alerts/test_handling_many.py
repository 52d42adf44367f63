"""Acknowledging and ending hundreds at once: few statements, and each alert has its own trail."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.models import Alert, AlertGroup
from alerts.services import acknowledge_group, resolve_group
from alerts.services.opening import open_many
from tests.alerts.builders import NOW, make_trigger, texts
from tests.alerts.engine.builders import at, group
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def crowd(size: int) -> AlertGroup:
    project_id = make_project().pk
    open_many([make_trigger(project_id=project_id, dedup_key=f"order:{n}") for n in range(size)], now=NOW)
    at(1)
    return group()


@pytest.mark.parametrize(
    ("act", "state", "says", "action"),
    [
        (acknowledge_group, "acknowledged", "Acknowledged by TradeWatch: on it", "alert.acknowledge"),
        (resolve_group, "resolved", "Resolved by TradeWatch: on it", "alert.resolve"),
    ],
)
def test_a_group_of_four_hundred_in_few_statements(act, state: str, says: str, action: str) -> None:
    page = crowd(400)
    Alert.objects.filter(dedup_key="order:7").update(state="resolved", ending="earlier")
    with CaptureQueriesContext(connection) as seen:
        act(SYSTEM, page, "on it")
    assert len(seen) < 40
    assert Alert.objects.filter(state=state).exclude(dedup_key="order:7").count() == 399
    assert Alert.objects.get(dedup_key="order:7").ending == "earlier"
    assert AuditEntry.objects.filter(action=action).count() == 399
    alert = Alert.objects.get(dedup_key="order:399")
    assert texts(alert)[-1] == says
    entry = AuditEntry.objects.get(action=action, object_id=str(alert.pk))
    assert entry.changes == {"state": ["firing", state]}
    assert (entry.project_id, entry.object_label) == (alert.project_id, alert.title)


def test_a_resolved_group_says_how_each_ended_and_again_changes_nothing() -> None:
    page = crowd(30)
    acknowledge_group(SYSTEM, page)
    assert resolve_group(SYSTEM, page) == 30
    assert resolve_group(SYSTEM, page) == 0
    ended = Alert.objects.latest("id")
    assert ended.resolved_by == "TradeWatch"
    assert ended.ending.startswith("Ended: Disk 97% full, ") and ended.ending.endswith(", resolved by TradeWatch")
    changes = AuditEntry.objects.filter(action="alert.resolve").latest("id").changes
    assert changes == {"state": ["acknowledged", "resolved"]}


def test_a_viewer_ends_nothing() -> None:
    page = crowd(3)
    viewer = make_user("vera", role=Role.VIEWER, project=page.project)
    with pytest.raises(NotAllowed):
        resolve_group(Actor("user", viewer.pk, "vera"), page)
    assert not Alert.objects.filter(state="resolved").exists()


def test_hundreds_that_join_an_acknowledged_page_are_covered_with_it() -> None:
    page = crowd(2)
    acknowledge_group(Actor("system", None, "Rosa"), page)
    project_id = page.project_id
    open_many([make_trigger(project_id=project_id, dedup_key=f"late:{n}") for n in range(200)], now=NOW)
    at(2)
    assert Alert.objects.filter(state="acknowledged", acknowledged_by="Rosa").count() == 202
    assert texts(Alert.objects.get(dedup_key="late:199"))[-1].startswith("Acknowledged with its group by Rosa")
