"""What a rule or a caller asks for: open this alert, or count it on the open one."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from alerts.choices import AlertCategory, AlertSeverity


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """`reasons` are the sentences of its timeline; `metadata` replaces values of the same name on an open alert.

    `since` is when the first of the news came, `at` the last. `occasion` names what is counted (a minute): the same one
    again changes nothing; empty: each trigger counts. `expires_after`: so long after the last it ends by itself.
    """

    project_id: int
    dedup_key: str
    severity: AlertSeverity
    category: AlertCategory
    source: str
    title: str
    at: datetime
    reasons: tuple[str, ...]
    message: str = ""
    since: datetime | None = None
    link: str = ""
    environment: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    occasion: str = ""
    count: int = 1
    rule_id: int | None = None
    simulated: str = ""
    expires_after: timedelta | None = None
    actor_label: str = ""


def default_dedup_key(source: str, title: str, tags: Mapping[str, str]) -> str:
    """Return the key of an alert that names none: a hash of source, title and sorted tags."""
    parts = orjson.dumps([source, title, sorted(tags.items())])
    return hashlib.sha256(parts).hexdigest()[:32]
