"""Alerts for tests, with loud defaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.choices import AlertCategory, AlertSeverity
from alerts.engine.turning import turn
from alerts.models import Alert, AlertRule, Notification
from alerts.occurrence import Occurrence
from alerts.queries import timeline_of
from alerts.services.opening import open_or_update
from alerts.trigger import Trigger
from tests.projects.builders import make_project
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 23, 15, 12, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def make_news(kind: str = "issue.new", **fields: Any) -> Occurrence:
    values: dict[str, Any] = {
        "project_id": fields.get("project_id") or make_project().pk,
        "fingerprint": "issue:7",
        "severity": AlertSeverity.ERROR,
        "title": "KeyError: 'GHOST'",
        "occurred_at": NOW,
        "link": "/issues/7",
        "environment": "production",
    }
    return Occurrence(kind=kind, **{**values, **fields})


def make_trigger(**fields: Any) -> Trigger:
    values: dict[str, Any] = {
        "project_id": fields.get("project_id") or make_project().pk,
        "dedup_key": "disk:settle-02",
        "severity": AlertSeverity.ERROR,
        "category": AlertCategory.SYSTEM,
        "source": "cron",
        "title": "Disk 97% full",
        "at": NOW,
        "reasons": ("Disk 97% full, above 90%.",),
    }
    return Trigger(**{**values, **fields})


def make_alert(*, now: datetime = NOW, **fields: Any) -> Alert:
    return open_or_update(make_trigger(**fields), now=now)[0]


def count_minutes(
    series: str, per_minute: int, *, project: Project, minutes: range, environment: str = "production"
) -> None:
    """Write `per_minute` into the whole minutes that ended `minutes` minutes before NOW's (1 is the last whole one)."""
    end = NOW.replace(second=0, microsecond=0)
    add_counts(
        [
            CountRow(project.pk, environment, series, (end - ago * MINUTE).timestamp(), per_minute, float(per_minute))
            for ago in minutes
        ]
    )


def turn_after(seconds: float = 31) -> int:
    """Let the groups move so long after NOW; without an argument just past the default group_wait."""
    return turn(NOW + timedelta(seconds=seconds))


def story(alert: Alert) -> list[str]:
    """Return the alert's own entries and those of its groups, oldest first."""
    return list(timeline_of(alert).order_by("id").values_list("text", flat=True))


def texts(alert: Alert) -> list[str]:
    return list(alert.timeline.values_list("text", flat=True))


def states(event: str = "firing") -> list[str]:
    return list(Notification.objects.filter(event=event).order_by("id").values_list("state", flat=True))


def rule(name: str) -> AlertRule:
    return AlertRule.objects.get(name=name, is_default=True)
