"""An alert as the application says it, checked and made ready for either backend. Without Django."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_TAGS = 50


class AlertSeverity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class AlertCategory(StrEnum):
    ERROR = "error"
    PERFORMANCE = "performance"
    SYSTEM = "system"
    SLA = "sla"
    RELEASE = "release"
    SECURITY = "security"
    BUSINESS = "business"
    HEARTBEAT = "heartbeat"


@dataclass(frozen=True, slots=True)
class SaidAlert:
    """The body of `POST /alerts`, and the project it is for: a slug, or None for the token's only one."""

    body: Mapping[str, Any]
    project: str | None

    @property
    def dedup_key(self) -> str:
        return str(self.body["dedup_key"])


def said_alert(
    *,
    title: str,
    message: str,
    severity: AlertSeverity | str,
    category: AlertCategory | str,
    source: str,
    environment: str,
    tags: Mapping[str, Any] | None,
    metadata: Mapping[str, Any] | None,
    dedup_key: str | None,
    project: str | None,
) -> SaidAlert:
    """Return the alert with values cut to what the server takes: a long text must not cost the alert.

    Raises ValueError for a severity or category that does not exist.
    """
    texts = {str(name)[:200]: str(value)[:200] for name, value in list((tags or {}).items())[:MAX_TAGS]}
    body: dict[str, Any] = {
        "title": title[:250],
        "message": message[:10_000],
        "severity": AlertSeverity(severity).value,
        "category": AlertCategory(category).value,
        "source": source[:80],
        "environment": environment[:64],
        "tags": texts,
        "metadata": json.loads(json.dumps(dict(metadata or {}), default=str)),
    }
    body["dedup_key"] = (dedup_key or default_dedup_key(body["source"], body["title"], texts))[:200]
    return SaidAlert(body, project)


def default_dedup_key(source: str, title: str, tags: Mapping[str, str]) -> str:
    """Return the key that the server gives to an alert without one; a test holds the two equal."""
    parts = json.dumps([source, title, sorted(tags.items())], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:32]
