from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from alerts.heartbeats.choices import WRONG, EntryKind
from alerts.models import Heartbeat, HeartbeatEntry

CELLS = 30
CELL_WIDTH = 12  # of a drawing 360 wide
_LEVELS = {EntryKind.SUCCESS: "ok", EntryKind.FAIL: "crit", EntryKind.MISSED: "crit", EntryKind.TOO_LONG: "warn"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One outcome in the row of cells: `level` is ok, warn, crit, or empty where none is yet; `x` is its place."""

    level: str
    at: datetime | None
    words: str
    x: int


def heartbeats_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Heartbeat]:
    rows = Heartbeat.objects.filter(project_id__in=project_ids).select_related("project")
    return rows.filter(environment__in=(environment, "")) if environment else rows


def wrong_first(rows: QuerySet[Heartbeat]) -> list[Heartbeat]:
    """Return the heartbeats, what is wrong first, then by name."""
    return sorted(rows, key=lambda row: (row.state not in WRONG, row.state != "late", row.name.lower()))


def cells_of(heartbeat_ids: Sequence[int]) -> dict[int, list[Cell]]:
    """Return {heartbeat: its last 30 outcomes, oldest first}, filled up with empty cells."""
    return {pk: _cells(pk) for pk in heartbeat_ids}


def _cells(heartbeat_id: int) -> list[Cell]:
    outcomes = HeartbeatEntry.objects.filter(heartbeat=heartbeat_id, kind__in=_LEVELS).order_by("-id")[:CELLS]
    known = [(_LEVELS[EntryKind(each.kind)], each.at, each.get_kind_display()) for each in outcomes][::-1]
    unknown: list[tuple[str, datetime | None, str]] = [("", None, "nothing yet")] * (CELLS - len(known))
    return [Cell(*cell, x=number * CELL_WIDTH) for number, cell in enumerate([*unknown, *known])]
