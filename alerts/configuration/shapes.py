"""Which models make the configuration, which of their fields, and by what one row is known in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Field, ForeignKey, Model

from alerts.models import (
    AlertClassificationRule,
    AlertRule,
    EscalationPolicy,
    EscalationStep,
    EscalationTarget,
    Heartbeat,
    Inhibition,
    MaintenanceWindow,
    NotificationChannel,
    QuietHours,
    Rotation,
    RotationMember,
    Route,
    Schedule,
)
from tradewatch.projects.models import Project, Team


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of row. `key` tells rows of one list apart. `lists` are the rows that hang on it: (name, shape, field)."""

    model: type[Model]
    key: tuple[str, ...]
    fields: tuple[str, ...]
    lists: tuple[tuple[str, Shape, str], ...] = ()

    def field(self, name: str) -> Field[Any, Any]:
        return self.model._meta.get_field(name)  # type: ignore[return-value]  # columns and m2m only

    def default_of(self, name: str) -> Any:
        field = self.field(name)
        if field.many_to_many:
            return []
        return field.get_default() if field.has_default() or not field.null else None


# By what a row of another kind is named.
NAMES: dict[type[Model], str] = {
    Project: "slug",
    Team: "slug",
    User: "username",
    Schedule: "name",
    EscalationPolicy: "name",
    NotificationChannel: "name",
    QuietHours: "name",
}

_MEMBER = Shape(RotationMember, ("user",), ("user", "position"))
_ROTATION = Shape(
    Rotation,
    ("name",),
    (
        *("name", "position", "kind", "every", "shift_minutes", "starts_on", "handoff_time", "restrictions"),
        *("from_at", "until_at"),
    ),
    (("members", _MEMBER, "rotation"),),
)
_TARGET = Shape(
    EscalationTarget, ("kind", "user", "schedule", "channel", "team"), ("kind", "user", "schedule", "channel", "team")
)
_STEP = Shape(
    EscalationStep, ("position",), ("position", "wait_seconds", "is_round_robin"), (("targets", _TARGET, "step"),)
)
ROUTE = Shape(
    Route,
    ("name",),
    (
        *("name", "position", "is_enabled", "matchers", "goes_on", "group_by", "group_wait_seconds"),
        *("group_interval_seconds", "repeat_interval_seconds", "sends_resolved", "mails_members", "tells_nobody"),
        *("policy", "channels", "quiet_hours", "reminder_after_seconds", "unacknowledge_after_seconds"),
        "joins_companions",
    ),
)

# In the order in which they are brought in: what others name comes first.
SECTIONS: dict[str, Shape] = {
    "channels": Shape(
        NotificationChannel,
        ("name",),
        (
            *("name", "project", "kind", "is_enabled", "sends_resolves", "limit_per_minute", "title_template"),
            "text_template",
        ),
    ),
    "quiet_hours": Shape(
        QuietHours,
        ("name",),
        ("name", "windows", "bypass_severity", "calendar", "is_quiet_in_breaks", "digest_minutes"),
    ),
    "maintenance_windows": Shape(
        MaintenanceWindow,
        ("project", "name"),
        ("project", "name", "matchers", "starts_at", "ends_at", "windows", "comment"),
    ),
    "schedules": Shape(
        Schedule, ("name",), ("name", "project", "zone", "calendar"), (("rotations", _ROTATION, "schedule"),)
    ),
    "policies": Shape(EscalationPolicy, ("name",), ("name", "project", "repeats"), (("steps", _STEP, "policy"),)),
    "routes": ROUTE,
    "inhibitions": Shape(
        Inhibition, ("project", "name"), ("project", "name", "is_enabled", "source", "target", "equal")
    ),
    "classification": Shape(
        AlertClassificationRule,
        ("project", "name"),
        (
            *("project", "name", "position", "is_enabled", "matchers", "category", "severity", "severity_change"),
            *("team", "goes_on"),
        ),
    ),
    "rules": Shape(
        AlertRule,
        ("project", "name"),
        (
            *("project", "name", "kind", "is_enabled", "severity", "environment", "series", "of_series", "aggregate"),
            *("quantile", "comparison", "threshold", "window_seconds", "for_seconds", "minimum_count"),
            *("statistic", "attributes", "group_by", "unit", "resolve_after_seconds"),
        ),
    ),
    "heartbeats": Shape(
        Heartbeat,
        ("project", "slug", "environment"),
        (
            *("project", "slug", "environment", "name", "severity", "schedule_kind", "cron", "time_zone"),
            *("interval_seconds", "grace_seconds", "max_runtime_seconds", "failures_allowed", "recoveries_needed"),
        ),
    ),
}


def name_of_row(row: Model | None) -> str | None:
    """Return how a row is named by those that point at it."""
    return None if row is None else str(getattr(row, NAMES[type(row)]))


def is_reference(field: Field[Any, Any]) -> bool:
    return isinstance(field, ForeignKey)
