"""Alertmanager's two formats: what Prometheus pushes (API v2) and what Alertmanager and Grafana post on (webhook).

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (postableAlerts)
https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from alerts.intake.incoming import (
    FAR_FUTURE,
    MAX_LABELS,
    MAX_VALUE_CHARACTERS,
    Incoming,
    Reading,
    fingerprint_of,
    web_link,
)
from tradewatch.core.faults import Invalid
from tradewatch.inbox.kept_items import plain_text

ALERTS_AT_MOST = 1_000
Errors = dict[str, list[str]]


def read_push(body: Any, reading: Reading, *, now: datetime) -> tuple[list[Incoming], Errors]:
    """Return the alerts of a push, and what is wrong with the others, by their number in the list.

    As Alertmanager does: good ones are taken though others are bad. Raises `Invalid` for what is no list at all.
    """
    if not isinstance(body, list):
        raise Invalid("not a list of alerts", errors={"body": ["expected a JSON list of alerts"]})
    return _read_all(body, "", reading, now=now, is_push=True)


def read_webhook(body: Any, reading: Reading, *, now: datetime) -> tuple[list[Incoming], Errors]:
    """Return the alerts of a webhook's message (version 4, and Grafana's, which adds fields of its own)."""
    alerts = body.get("alerts") if isinstance(body, dict) else None
    if not isinstance(alerts, list):
        raise Invalid("not an Alertmanager webhook", errors={"alerts": ["expected a list of alerts"]})
    return _read_all(alerts, "alerts.", reading, now=now, is_push=False)


def _read_all(
    alerts: list[Any], path: str, reading: Reading, *, now: datetime, is_push: bool
) -> tuple[list[Incoming], Errors]:
    if len(alerts) > ALERTS_AT_MOST:
        raise Invalid("too many alerts", errors={path + "length": [f"at most {ALERTS_AT_MOST:,} alerts at once"]})
    found, errors = [], {}
    for number, document in enumerate(alerts):
        try:
            found.append(_read(document, reading, now=now, is_push=is_push))
        except Invalid as fault:
            errors.update({f"{path}{number}.{name}": texts for name, texts in fault.errors.items()})
    return found, errors


def _read(document: Any, reading: Reading, *, now: datetime, is_push: bool) -> Incoming:
    if not isinstance(document, dict):
        raise Invalid("bad alert", errors={"alert": ["expected an object"]})
    labels = _texts(document, "labels")
    if not labels:
        raise Invalid("bad alert", errors={"labels": ["at least one label with a value is needed"]})
    annotations = _texts(document, "annotations")
    starts_at = moment_of(document, "startsAt")
    ends_at = moment_of(document, "endsAt")
    if starts_at and ends_at and starts_at > ends_at:
        raise Invalid("bad alert", errors={"startsAt": ["must not be after endsAt"]})
    if not is_push:
        ends_at = min(ends_at or now, now) if document.get("status") == "resolved" else None
    elif ends_at is None:
        ends_at = now + reading.resolve_timeout
    starts_at = min(starts_at or now, now)
    fingerprint = fingerprint_of(labels)
    return Incoming(
        key=f"alertmanager:{fingerprint}",
        fingerprint=fingerprint,
        title=_title(labels, annotations),
        message=annotations.get("description") or annotations.get("message") or "",
        severity=reading.severity_of(labels),
        category=reading.category,
        environment=labels.get(reading.environment_label, "")[:64],
        labels=labels,
        annotations=annotations,
        link=web_link(document.get("generatorURL")),
        starts_at=starts_at,
        ends_at=ends_at and min(ends_at, now + FAR_FUTURE),
        occasion=f"since {starts_at.isoformat()}",  # pushed every minute: the same firing counts once
    )


def _title(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    where = labels.get("instance", "")
    name = labels.get("alertname") or ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return annotations.get("summary") or annotations.get("title") or (f"{name} on {where}" if where else name)


def _texts(document: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return {name: text}; empty values count as absent, as in Alertmanager."""
    values = document.get(name) or {}
    if not isinstance(values, dict):
        raise Invalid("bad alert", errors={name: ["expected an object of texts"]})
    if len(values) > MAX_LABELS:
        raise Invalid("bad alert", errors={name: [f"at most {MAX_LABELS} of them"]})
    if bad := [key for key, value in values.items() if not isinstance(value, str)]:
        raise Invalid("bad alert", errors={f"{name}.{bad[0]}": ["expected a text"]})
    limit = MAX_VALUE_CHARACTERS if name == "labels" else 10_000
    texts = {plain_text(key, 200): plain_text(value, limit) for key, value in values.items()}
    return {key: value for key, value in texts.items() if key and value}


def moment_of(document: Mapping[str, Any], name: str) -> datetime | None:
    """Return a moment of RFC 3339; None where it is absent, or Go's zero time (year 1)."""
    text = document.get(name)
    if text in (None, ""):
        return None
    try:
        moment = parse_datetime(_to_microseconds(text)) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise Invalid("bad alert", errors={name: ["expected a time such as 2026-11-23T15:12:30Z"]})
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None if moment.year <= 1 else moment.astimezone(UTC)


def _to_microseconds(text: str) -> str:
    """Go writes nine digits of a second, Django reads six."""
    head, point, tail = text.partition(".")
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    return f"{head}.{digits[:6]}{tail[len(digits) :]}" if point else text
