"""Facts, freezes and windows for tests, with loud defaults. NOW is a Wednesday, 14:00 UTC, half an hour before New York
opens; the day after is Thanksgiving, then comes a half day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from releases.choices import Decision, WindowRule
from releases.gate.values import BudgetFact, CurrentFact, Facts, FreezeFact, OverrideFact, RunningFact, WindowFact
from releases.models import DeploymentWindow, Freeze, GateOverride
from tests.projects.builders import make_project
from tradewatch.calendars.sessions import Market, Session
from tradewatch.calendars.window_text import parse_windows

NOW = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NEW_YORK = ZoneInfo("America/New_York")


def utc(text: str) -> datetime:
    """`25 14:30`: of November 2026."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def session(day: int, closes: str = "21:00", **fields: Any) -> Session:
    return Session(date(2026, 11, day), utc(f"{day:02d} 14:30"), utc(f"{day:02d} {closes}"), **fields)


XNYS = Market(
    "XNYS",
    NEW_YORK,
    sessions=(session(24), session(25), session(27, "18:00", is_early_close=True), session(30)),
    holidays=((date(2026, 11, 26), "Thanksgiving"),),
    known_from=date(2026, 11, 1),
    known_until=date(2026, 12, 31),
)


def facts(**fields: Any) -> Facts:
    at = fields.get("at", NOW)
    values: dict[str, Any] = {"environment": "production", "version": "2.0.1", "at": at, "now": NOW}
    return Facts(**{**values, "horizon": at + timedelta(days=40), **fields})


def freeze(starts_at: datetime = NOW - HOUR, ends_at: datetime = NOW + HOUR, **fields: Any) -> FreezeFact:
    return FreezeFact(**{"freeze_id": 1, "name": "Year end", "starts_at": starts_at, "ends_at": ends_at, **fields})


def window(rule: WindowRule = WindowRule.OUTSIDE_SESSION, **fields: Any) -> WindowFact:
    values: dict[str, Any] = {"window_id": 1, "name": "Quiet tape", "decision": Decision.NO_GO}
    if rule != WindowRule.TIMES:
        values |= {"calendar": "XNYS", "market": XNYS}
    return WindowFact(rule=rule, **{**values, **fields})


def times(*written: Any, **fields: Any) -> WindowFact:
    return window(WindowRule.TIMES, times=tuple(parse_windows(list(written))), **fields)


def budget(remaining: float | None = 0.8, **fields: Any) -> BudgetFact:
    return BudgetFact(**{"target_id": 1, "name": "availability", "environment": "", "remaining": remaining, **fields})


def running(version: str = "2.0.0") -> RunningFact:
    return RunningFact(7, version, "Mara Lindqvist", NOW - 4 * MINUTE)


def current(**fields: Any) -> CurrentFact:
    return CurrentFact(**{"deployment_id": 5, "version": "2.0.0", **fields})


def override(**fields: Any) -> OverrideFact:
    values = {"override_id": 3, "version": "", "reason": "Fix for the outage", "created_by": "ann"}
    return OverrideFact(**{**values, "created_at": NOW - HOUR, "ends_at": NOW + HOUR, **fields})


def make_freeze(**fields: Any) -> Freeze:
    """Return a freeze of the default project that began an hour ago and ends in one."""
    now = timezone.now()
    values: dict[str, Any] = {"project": make_project(), "name": "Year end", "created_by": "ann"}
    return Freeze.objects.create(**{**values, "starts_at": now - HOUR, "ends_at": now + HOUR, **fields})


def make_window(**fields: Any) -> DeploymentWindow:
    values: dict[str, Any] = {"project": make_project(), "name": "Quiet tape", "rule": WindowRule.OUTSIDE_SESSION}
    return DeploymentWindow.objects.create(**{**values, "calendar": "XNYS", **fields})


def make_override(**fields: Any) -> GateOverride:
    now = timezone.now()
    values: dict[str, Any] = {"project": make_project(), "environment": "production", "reason": "Fix for the outage"}
    times = {"created_at": now, "ends_at": now + HOUR}
    return GateOverride.objects.create(**{**values, "created_by": "ann", **times, **fields})
