"""Messages for tests, with loud defaults."""

from datetime import UTC, datetime
from typing import Any

from alerts.channels.message import AlertFacts, Message

NOW = datetime(2026, 11, 23, 15, 12, 30, tzinfo=UTC)


def make_facts(**fields: Any) -> AlertFacts:
    values: dict[str, Any] = {
        "id": 7,
        "title": "Error rate 2.1% on POST /orders",
        "message": "312 failed / 14,800 requests in 5 min.",
        "severity": "critical",
        "category": "error",
        "state": "firing",
        "environment": "production",
        "count": 1,
        "starts_at": NOW,
        "link": "https://watch.example.com/issues/7",
    }
    return AlertFacts(**{**values, **fields})


def make_message(event: str = "firing", **fields: Any) -> Message:
    values: dict[str, Any] = {
        "event": event,
        "headline": "Error rate 2.1% on POST /orders",
        "severity": "critical",
        "project": "trading-api",
        "environment": "production",
        "alerts": (make_facts(),),
        "why": "You are responder.",
        "starts_at": NOW,
        "dedup_key": "group-31",
        "idempotency_key": "notification-9",
        "url": "https://watch.example.com/alerts/7",
        "acknowledge_url": "https://watch.example.com/alerts/answer/ack",
        "resolve_url": "https://watch.example.com/alerts/answer/res",
    }
    return Message(**{**values, **fields})
