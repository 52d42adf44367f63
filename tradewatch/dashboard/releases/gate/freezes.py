"""What `/releases/freezes` shows: those in force, to come and over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from releases.gate.queries import freezes_of
from releases.models import Freeze
from tradewatch.calendars.wall_clock import zone_named
from tradewatch.core.actors import Actor
from tradewatch.core.paging import read_page
from tradewatch.dashboard.scope import Scope
from tradewatch.projects import access
from tradewatch.projects.choices import Role
from tradewatch.projects.choices import Scope as TokenScope

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class FreezeLine:
    """`state`: in force, to come, over or cancelled. `local`: its times in its own zone, where that is not UTC."""

    row: Freeze
    state: str
    badge: str
    local: str
    may_cancel: bool


def freezes_context(scope: Scope, actor: Actor, asked: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Raises `Invalid` for a cursor that is none."""
    rows = freezes_of(scope.project_ids, scope.environment or None)
    page = read_page(rows, order=("-starts_at", "-id"), cursor=asked.get("cursor"), size=PAGE_SIZE)
    return {
        "lines": [line_of(row, actor, now=now) for row in page.rows],
        "next": page.next,
        "is_first": not asked.get("cursor"),
        "may_freeze": may_freeze_any(scope, actor),
    }


def line_of(row: Freeze, actor: Actor, *, now: datetime) -> FreezeLine:
    state, badge = state_of(row, now)
    local = ""
    if row.zone != "UTC":
        clock = zone_named(row.zone)
        starts, ends = (each.astimezone(clock) for each in (row.starts_at, row.ends_at))
        local = f"{starts:%a %d %b %H:%M} to {ends:%a %d %b %H:%M} {row.zone}"
    is_open = state in ("in force", "to come")
    return FreezeLine(row, state, badge, local, is_open and may_freeze(actor, row.project_id))


def state_of(row: Freeze, now: datetime) -> tuple[str, str]:
    if row.cancelled_at is not None:
        return "cancelled", "hollow"
    if row.ends_at <= now:
        return "over", "hollow"
    return ("in force", "bad") if row.starts_at <= now else ("to come", "info")


def may_freeze(actor: Actor, project_id: int | None) -> bool:
    if project_id is None:
        return access.may_everywhere(actor, scope=TokenScope.RELEASES_WRITE)
    return access.may(actor, project_id, Role.MANAGER, scope=TokenScope.RELEASES_WRITE)


def may_freeze_any(scope: Scope, actor: Actor) -> bool:
    return any(may_freeze(actor, project_id) for project_id in scope.project_ids[:20])


@cache
def zones() -> tuple[str, ...]:
    """Return the names that the form offers: those of places, and UTC."""
    return ("UTC", *sorted(each for each in available_timezones() if "/" in each and not each.startswith("Etc/")))
