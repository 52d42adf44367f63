"""An alert as plain values for a message."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from alerts.channels.message import AlertFacts, Event, Message
from alerts.models import Alert


def facts_of(alert: Alert) -> AlertFacts:
    return AlertFacts(
        id=alert.pk,
        title=alert.title,
        message=alert.message,
        severity=alert.severity,
        category=alert.category,
        state=alert.state,
        environment=alert.environment,
        count=alert.count,
        starts_at=alert.starts_at,
        resolved_at=alert.resolved_at,
        ending=alert.ending,
        source=alert.source,
        tags={str(name): str(value) for name, value in alert.tags.items()},
        link=settings.PUBLIC_URL + alert.link if alert.link.startswith("/") else alert.link,
    )


def message_about(alert: Alert, *, event: Event | None = None, why: str = "", key: str = "", now: datetime) -> Message:
    """Return a message about one alert as it stands: for a preview or a test, it answers to nobody.

    `key` becomes its keys. Without one it carries the alert's own, and a receiver joins it to what it has.
    """
    said: Mapping[str, Event] = {"firing": "firing", "acknowledged": "acknowledged", "resolved": "resolved"}
    event = event or said[alert.state]
    return Message(
        event=event,
        headline=alert.ending if event == "resolved" else alert.title,
        severity=alert.severity,
        project=alert.project.name,
        environment=alert.environment,
        alerts=(facts_of(alert),),
        likely_cause=str(alert.metadata.get("likely_cause", "")),
        why=why,
        starts_at=alert.starts_at,
        ended_at=alert.resolved_at if event == "resolved" else None,
        labels={"project": alert.project.slug, "category": alert.category},
        dedup_key=key or f"alert-{alert.pk}",
        idempotency_key=f"{key or f'alert-{alert.pk}'}-{now.timestamp():.0f}",
        url=settings.PUBLIC_URL + alert.get_absolute_url(),
    )
