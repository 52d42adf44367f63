from datetime import datetime, timedelta

import pytest

from alerts import retention
from alerts.models import Alert, AlertGroup, GroupMember, Notification, OccurrenceRecord, TimelineEntry
from alerts.observe import record_occurrences
from alerts.retention import delete_old
from alerts.services import resolve_alert
from tests.alerts.builders import NOW, make_alert, make_news, turn_after
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def record(occurred_at: datetime, *, is_judged: bool = True) -> None:
    record_occurrences([make_news(occurred_at=occurred_at)])
    if is_judged:
        OccurrenceRecord.objects.filter(occurred_at=occurred_at).update(judged_at=occurred_at)


def test_judged_occurrences_go_after_30_days_and_unjudged_ones_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_CHUNK", 2)
    for days in (29, 31, 32, 33, 34, 35):
        record(NOW - days * DAY)
    record(NOW - 40 * DAY, is_judged=False)
    assert delete_old(NOW) == 5
    assert set(OccurrenceRecord.objects.values_list("occurred_at", flat=True)) == {NOW - 29 * DAY, NOW - 40 * DAY}


def test_resolved_alerts_go_after_400_days_with_all_that_belongs_to_them(settings) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]
    old, recent = (make_alert(dedup_key=key) for key in ("old", "recent"))
    turn_after()
    for alert in (old, recent):
        resolve_alert(SYSTEM, alert)
    still_open = make_alert(at=NOW - 500 * DAY)
    Alert.objects.filter(pk=old.pk).update(resolved_at=NOW - 401 * DAY)
    Alert.objects.filter(pk=recent.pk).update(resolved_at=NOW - 399 * DAY)
    assert delete_old(NOW) == 1
    assert set(Alert.objects.values_list("pk", flat=True)) == {recent.pk, still_open.pk}
    recent.refresh_from_db()
    assert not TimelineEntry.objects.filter(alert_id=old.pk).exists()
    assert not GroupMember.objects.filter(alert_id=old.pk).exists()


def test_a_group_goes_with_its_notifications_once_it_ended_400_days_ago(settings) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]
    make_alert()
    turn_after()
    AlertGroup.objects.update(state="ended", ended_at=NOW - 401 * DAY)
    assert delete_old(NOW) == 1
    assert not AlertGroup.objects.exists()
    assert not Notification.objects.exists()
