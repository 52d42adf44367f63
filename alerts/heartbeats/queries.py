from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

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


def entries_since(row: Heartbeat, start: datetime) -> QuerySet[HeartbeatEntry]:
    """Return its history from `start` on, in the order of time, without what was sent along."""
    return row.entries.filter(at__gte=start).exclude(kind=EntryKind.LOG).order_by("at", "id").defer("body")


def wrong_first(rows: QuerySet[Heartbeat]) -> list[Heartbeat]:
    """Return the heartbeats, what is wrong first, then by name."""
    return sorted(rows, key=lambda row: (row.state not in WRONG, row.state != "late", row.name.lower()))


def cells_of(heartbeat_ids: Sequence[int]) -> dict[int, list[Cell]]:
    """Return {heartbeat: its last 30 outcomes, oldest first}, filled up with empty cells."""
    rank = Window(RowNumber(), partition_by="heartbeat_id", order_by="-id")
    outcomes = HeartbeatEntry.objects.filter(heartbeat__in=heartbeat_ids, kind__in=_LEVELS).annotate(rank=rank)
    found: dict[int, list[HeartbeatEntry]] = {pk: [] for pk in heartbeat_ids}
    for entry in outcomes.filter(rank__lte=CELLS).order_by("id"):
        found[entry.heartbeat_id].append(entry)
    return {pk: _cells(entries) for pk, entries in found.items()}


def _cells(entries: Sequence[HeartbeatEntry]) -> list[Cell]:
    known = [(_LEVELS[EntryKind(each.kind)], each.at, each.get_kind_display()) for each in entries]
    unknown: list[tuple[str, datetime | None, str]] = [("", None, "nothing yet")] * (CELLS - len(known))
    return [Cell(*cell, x=number * CELL_WIDTH) for number, cell in enumerate([*unknown, *known])]
