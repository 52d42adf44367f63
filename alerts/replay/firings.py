from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.choices import AlertSeverity


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """An alert that would have been. `ended_at` None: it would still fire. `count` is how often it fired meanwhile."""

    key: str
    title: str
    reason: str
    severity: AlertSeverity
    category: str
    source: str
    project_id: int
    environment: str
    starts_at: datetime
    ended_at: datetime | None = None
    count: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
