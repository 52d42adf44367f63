"""An SDK's check-in, read: https://develop.sentry.dev/sdk/telemetry/check-ins/. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from alerts.heartbeats.choices import EntryKind, ScheduleKind
from alerts.heartbeats.schedule import Schedule, faults_in
from tradewatch.inbox.event_ids import normal_event_id
from tradewatch.inbox.kept_items import plain_text

_KINDS = {"ok": EntryKind.SUCCESS, "error": EntryKind.FAIL, "in_progress": EntryKind.START}
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000, "year": 31_536_000}
_LATEST = "0" * 32  # "the one that was opened last": no id of its own
_NO_SLUG_CHARACTER = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a `monitor_config` asks for. `fault` says why its schedule cannot be used; then there is none."""

    schedule: Schedule | None
    grace_seconds: int
    max_runtime_seconds: int | None
    failures_allowed: int
    recoveries_needed: int = 1
    fault: str = ""


@dataclass(frozen=True, slots=True)
class CheckIn:
    slug: str
    kind: EntryKind
    environment: str
    check_in_id: UUID | None
    seconds: float | None
    plan: Plan | None


def read_check_in(document: Mapping[str, Any], *, default_environment: str) -> CheckIn | None:
    """Return the check-in; None without a slug or a status of the protocol. One bad field costs that field."""
    slug = _NO_SLUG_CHARACTER.sub("-", plain_text(document.get("monitor_slug"), 60).lower()).strip("-")
    kind = _KINDS.get(plain_text(document.get("status"), 20))
    if not slug or kind is None:
        return None
    own_id = normal_event_id(document.get("check_in_id"))
    config = document.get("monitor_config")
    return CheckIn(
        slug=slug,
        kind=kind,
        environment=plain_text(document.get("environment"), 64) or default_environment,
        check_in_id=UUID(own_id) if own_id and own_id != _LATEST else None,
        seconds=_number(document.get("duration")),
        plan=read_plan(config) if isinstance(config, dict) else None,
    )


def read_plan(config: Mapping[str, Any]) -> Plan:
    """Return what a monitor_config asks for; margins and run times are in minutes there."""
    schedule, fault = _schedule(config)
    if schedule is not None and (faults := faults_in(schedule)):
        schedule, fault = None, "; ".join(f"{name}: {texts[0]}" for name, texts in faults.items())
    margin, runtime = _number(config.get("checkin_margin")), _number(config.get("max_runtime"))
    allowed, needed = _number(config.get("failure_issue_threshold")), _number(config.get("recovery_threshold"))
    return Plan(
        schedule=schedule,
        grace_seconds=round(60 * min(margin, 525_600)) if margin is not None else 60,
        max_runtime_seconds=round(60 * min(runtime, 525_600)) if runtime else None,
        failures_allowed=max(0, int(min(allowed, 100)) - 1) if allowed else 0,
        recoveries_needed=max(1, int(min(needed, 100))) if needed else 1,
        fault=fault[:200],
    )


def _schedule(config: Mapping[str, Any]) -> tuple[Schedule | None, str]:
    given = config.get("schedule")
    given = given if isinstance(given, dict) else {}
    kind, value = given.get("type"), given.get("value")
    if kind == "crontab" and isinstance(value, str):
        zone = plain_text(config.get("timezone"), 64) or "UTC"
        return Schedule(kind=ScheduleKind.CRON, cron=plain_text(value, 100), time_zone=zone), ""
    unit, count = _SECONDS.get(str(given.get("unit"))), _number(value)
    if kind == "interval" and unit and count:
        seconds = min(count * unit, 10.0**9)
        return Schedule(kind=ScheduleKind.INTERVAL, interval=timedelta(seconds=seconds)), ""
    return None, "schedule: expected crontab with a text, or interval with value and unit"


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return None
    return float(value)
