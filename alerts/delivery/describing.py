"""A notification of one alert as the plain message that channels are given."""

from datetime import datetime

from django.conf import settings

from alerts.channels.message import Message
from alerts.choices import DeliveryEvent
from alerts.describing import facts_of
from alerts.links import signed_url
from alerts.models import Alert, Notification


def message_of(notification: Notification, *, held: int = 0, now: datetime) -> Message:
    """Return the message; `held` alerts of the project got none since the one before."""
    alert = notification.alert
    has_ended = notification.event == DeliveryEvent.RESOLVED
    return Message(
        event="resolved" if has_ended else "firing",
        headline=alert.ending if has_ended else alert.title,
        severity=alert.severity,
        project=alert.project.name,
        environment=alert.environment,
        alerts=(facts_of(alert),),
        likely_cause=str(alert.metadata.get("likely_cause", "")),
        why=notification.why,
        next_step=_next(alert, has_ended=has_ended),
        held=held_words(held),
        starts_at=alert.starts_at,
        ended_at=alert.resolved_at if has_ended else None,
        labels={"project": alert.project.slug, "category": alert.category},
        dedup_key=f"alert-{alert.pk}",
        idempotency_key=f"notification-{notification.pk}",
        may_be_repeat=notification.may_be_repeat,
        url=settings.PUBLIC_URL + alert.get_absolute_url(),
        acknowledge_url=signed_url("alert", alert.pk, "acknowledge", notification.target, now=now),
        resolve_url=signed_url("alert", alert.pk, "resolve", notification.target, now=now),
    )


def held_words(held: int) -> str:
    if not held:
        return ""
    alerts = "1 alert" if held == 1 else f"{held} alerts"
    return f"{alerts} of this project got no mail since the last one: too many within the hour."


def _next(alert: Alert, *, has_ended: bool) -> str:
    if alert.acknowledged_by and not has_ended:
        return f"Acknowledged by {alert.acknowledged_by}. You are told when it ends."
    return ""
