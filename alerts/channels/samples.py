"""Messages to try a channel or a template on."""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.channels.message import AlertFacts, Event, Message


def sample_message(*, now: datetime, public_url: str, event: Event = "firing", key: str = "sample") -> Message:
    """Return a message that has every field filled. `key` becomes its keys: PagerDuty opens an incident under it."""
    started = now - timedelta(minutes=24)
    first = AlertFacts(
        id=1,
        title="Error rate 2.1% on POST /orders",
        message="312 failed / 14,800 requests in 5 min",
        severity="critical",
        category="error",
        state="resolved" if event == "resolved" else "firing",
        environment="production",
        count=3,
        starts_at=started,
        resolved_at=now if event == "resolved" else None,
        ending="Ended: error rate, 24 min, peak 2.4%" if event == "resolved" else "",
        source="Error rate",
        tags={"transaction": "POST /orders", "release": "2.0.1", "server_name": "orders-03"},
        link=f"{public_url}/issues",
    )
    second = replace(first, id=2, title="KeyError: 'GHOST'", severity="error", count=1, message="in quotes.lookup")
    return Message(
        event=event,
        headline="Ended: error rate, 24 min, peak 2.4%" if event == "resolved" else first.title,
        severity="critical",
        project="Trading API",
        environment="production",
        alerts=(first, second),
        likely_cause="POST /orders: 249 of the 307 failed requests",
        why="You asked for a test",
        next_step="Nothing: this is a test",
        starts_at=started,
        ended_at=now if event == "resolved" else None,
        labels={"project": "trading-api", "category": "error"},
        dedup_key=f"tradewatch-{key}",
        idempotency_key=f"{key}-{now.timestamp():.0f}",
        url=f"{public_url}/alerts",
    )


def sample_messages(*, now: datetime, public_url: str) -> dict[str, Message]:
    """Return what a template must cope with: {what: message}; a firing group, one alert, and an end."""
    firing = sample_message(now=now, public_url=public_url)
    bare = replace(firing.alerts[0], message="", tags={}, link="", environment="")
    return {
        "a firing group": firing,
        "a single alert with little to say": replace(
            firing, alerts=(bare,), environment="", likely_cause="", why="", next_step="", labels={}
        ),
        "an end": sample_message(now=now, public_url=public_url, event="resolved"),
    }
