"""The message of a digest: what quiet hours held for this receiver and still fires."""

from datetime import datetime

from django.conf import settings

from alerts.channels.message import Message
from alerts.choices import SEVERITY_RANK, AlertSeverity, AlertState
from alerts.describing import facts_of
from alerts.models import Alert, Digest, Notification
from alerts.words import clock_words, counted

MOST_ALERTS = 20


def digest_message(row: Notification, *, now: datetime) -> Message | None:
    """Return the message of a digest's row; None: all of it has ended or was acknowledged meanwhile."""
    digest = Digest.objects.filter(pk=row.sequence).select_related("quiet_hours").first()
    ids = digest.items.get(f"{row.channel}:{row.target}", []) if digest else []
    rows = Alert.objects.filter(pk__in=ids, state=AlertState.FIRING).select_related("project")
    alerts = sorted(rows, key=lambda alert: (-SEVERITY_RANK[AlertSeverity(alert.severity)], alert.pk))
    if digest is None or not alerts:
        return None
    projects = {alert.project.name for alert in alerts}
    environments = {alert.environment for alert in alerts}
    ends = clock_words(digest.ends_at, now=now)
    return Message(
        event="firing",
        headline=f"{counted(len(alerts), 'alert')} held by quiet hours {digest.quiet_hours.name}, until {ends}",
        severity=alerts[0].severity,
        project=projects.pop() if len(projects) == 1 else "several projects",
        environment=environments.pop() if len(environments) == 1 else "",
        alerts=tuple(facts_of(alert) for alert in alerts[:MOST_ALERTS]),
        more_alerts=max(0, len(alerts) - MOST_ALERTS),
        why=row.why,
        next_step=f"What still fires at {ends} is told then, and its escalation starts.",
        starts_at=min(alert.starts_at for alert in alerts),
        dedup_key=f"tradewatch-digest-{digest.pk}",
        idempotency_key=f"notification-{row.pk}",
        may_be_repeat=row.may_be_repeat,
        url=f"{settings.PUBLIC_URL}/alerts",
    )
