"""PagerDuty's Events API v2, taken in: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from django.utils.dateparse import parse_datetime

from alerts.choices import AlertSeverity
from alerts.intake.incoming import Incoming, Reading, fingerprint_of, web_link
from tradewatch.inbox.kept_items import plain_text

ACTIONS = ("trigger", "acknowledge", "resolve")
SUMMARY_CHARACTERS = 1024
KEY_CHARACTERS = 255


class BadEvent(Exception):
    """The event is not of the schema. `errors` are sentences, as PagerDuty answers them."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class PagerEvent:
    """`incoming` is what a trigger opens; None for the other two actions. `key` is the alert's."""

    action: Literal["trigger", "acknowledge", "resolve"]
    dedup_key: str
    key: str
    incoming: Incoming | None = None


def routing_key_of(body: Any) -> str:
    """Return the routing key. Raises `BadEvent`: without one nobody knows whose event it is."""
    if not isinstance(body, dict):
        raise BadEvent(["Body is not a JSON object"])
    key = body.get("routing_key")
    if not isinstance(key, str) or not key:
        raise BadEvent(["'routing_key' is missing or blank"])
    return key


def read_event(body: Mapping[str, Any], source_id: int, reading: Reading, *, now: datetime) -> PagerEvent:
    """Return the event of a body whose routing key is known. Raises `BadEvent` with everything that is wrong."""
    action, given = body.get("event_action"), body.get("dedup_key")
    errors = [] if action in ACTIONS else [f"'event_action' is not one of {', '.join(ACTIONS)}"]
    if given is not None and not (isinstance(given, str) and 0 < len(given) <= KEY_CHARACTERS):
        errors.append(f"'dedup_key' is not a text of 1 to {KEY_CHARACTERS} characters")
    elif given is None and action in ("acknowledge", "resolve"):
        errors.append("'dedup_key' is missing or blank")
    payload = body.get("payload")
    if action == "trigger":
        errors += _faults_in(payload)
    if errors:
        raise BadEvent(errors)
    dedup_key = plain_text(given, KEY_CHARACTERS) or _new_key(body, source_id)
    key = f"pagerduty:{source_id}:{hashlib.sha256(dedup_key.encode()).hexdigest()[:32]}"
    incoming = _incoming(body, dict(payload), key, reading, now=now) if action == "trigger" and payload else None
    return PagerEvent(action, dedup_key, key, incoming)  # type: ignore[arg-type]  # checked to be one of the three


def _faults_in(payload: Any) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or not an object"]
    errors = [
        f"'payload.{name}' is missing or blank"
        for name in ("summary", "source", "severity")
        if not (isinstance(payload.get(name), str) and payload[name].strip())
    ]
    severity = payload.get("severity")
    if isinstance(severity, str) and severity and severity not in AlertSeverity.values:
        errors.append(f"'payload.severity' is not one of {', '.join(AlertSeverity.values)}")
    timestamp = payload.get("timestamp")
    if timestamp is not None and _moment(timestamp) is None:
        errors.append("'payload.timestamp' is not a time of ISO 8601")
    details = payload.get("custom_details")
    return errors if details is None or isinstance(details, dict | str) else [*errors, "'custom_details' is no object"]


def _incoming(
    body: Mapping[str, Any], payload: Mapping[str, Any], key: str, reading: Reading, *, now: datetime
) -> Incoming:
    names = ("source", "component", "group", "class")
    labels = {name: text for name in names if (text := plain_text(payload.get(name), 200))}
    started = _moment(payload.get("timestamp"))
    details = payload.get("custom_details")
    lines = [f"{name}: {value}" for name, value in details.items()] if isinstance(details, dict) else [details or ""]
    environment = details.get(reading.environment_label) if isinstance(details, dict) else ""
    return Incoming(
        key=key,
        fingerprint=fingerprint_of({**labels, "dedup_key": key}),
        title=plain_text(payload["summary"], SUMMARY_CHARACTERS),
        message=plain_text("\n".join(lines[:50]), 10_000),
        severity=AlertSeverity(reading.severity_map.get(payload["severity"], payload["severity"])),
        category=reading.category,
        environment=plain_text(environment, 64),
        labels=labels,
        annotations={},
        link=web_link(body.get("client_url")) or _first_link(body.get("links")),
        starts_at=min(started or now, now),
        ends_at=None,
        occasion=f"at {started.isoformat()}" if started else "",  # sent again after a lost answer: counted once
    )


def _first_link(links: Any) -> str:
    found = [web_link(link.get("href")) for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    return next((link for link in found if link), "")


def _moment(text: Any) -> datetime | None:
    try:
        moment = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and not moment.tzinfo else moment


def _new_key(body: Mapping[str, Any], source_id: int) -> str:
    """An event without a key opens an alert of its own; the same bytes sent again open the same one."""
    return hashlib.sha256(f"{source_id}:{sorted(body.items())!r}".encode("utf-8", "replace")).hexdigest()[:32]
