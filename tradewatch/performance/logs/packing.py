"""Packs the small blocks of an hour into few large ones: less disk, and a search that opens fewer of them.

A delivered container makes a block of its own, because a digest has no time for more. Lines and their order stay as
they are; whoever reads meanwhile sees either the small blocks or the large one (`stored.blocks_within`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from tradewatch.core import bulk
from tradewatch.performance.logs.blocks import COLUMNS, STORED, blocks_of, stored_block
from tradewatch.performance.logs.columns import MOST_LINES, merge
from tradewatch.performance.models import LogBlock

ENOUGH = 64  # blocks of an hour that still runs
LATE_HOURS = 1  # what comes later than that into an hour waits for others that are late
MOST_BLOCKS = 2_000  # read at once
GROUPS_A_RUN = 200


@dataclass(frozen=True, slots=True)
class Group:
    """The blocks that may be packed together."""

    project_id: int
    environment: str
    hour: int


def pack(now: datetime) -> int:
    """Pack what there is to pack; return how many blocks were replaced. Two at once do no harm."""
    return sum(_pack_group(group) for group in _due_groups(now))


def _due_groups(now: datetime) -> list[Group]:
    over_before = int(now.timestamp()) // 3600 - LATE_HOURS
    loose = LogBlock.objects.filter(is_loose=True).values("project_id", "environment", "hour")
    counted = loose.annotate(count=Count("pk")).filter(count__gt=1).order_by("hour", "project_id", "environment")
    return [
        Group(each["project_id"], each["environment"], each["hour"])
        for each in counted
        if each["count"] >= ENOUGH or each["hour"] < over_before
    ][:GROUPS_A_RUN]


def _pack_group(group: Group) -> int:
    loose = LogBlock.objects.filter(
        is_loose=True, project_id=group.project_id, environment=group.environment, hour=group.hour
    )
    rows = list(loose.order_by("first_us").values_list("pk", *STORED)[:MOST_BLOCKS])
    return _replace([row[0] for row in rows], group, rows) if len(rows) > 1 else 0


def _replace(ids: Sequence[int], group: Group, rows: Sequence[Sequence[object]]) -> int:
    merged = merge([stored_block(values).table for _, *values in rows])
    drafts = list(blocks_of(merged, project_id=group.project_id, environment=group.environment, is_loose=False))
    # The last one is seldom full: it waits for more of its hour.
    values = [draft.row for draft in drafts[:-1]]
    last = drafts[-1]
    values.append(_as_loose(last.row) if last.line_count < MOST_LINES // 2 else last.row)
    with transaction.atomic():
        deleted, _ = LogBlock.objects.filter(pk__in=ids, is_loose=True).delete()
        if deleted != len(ids):  # another run was here, or retention
            transaction.set_rollback(True)
            return 0
        bulk.insert_many("performance_logblock", COLUMNS, values)
    return len(ids)


def _as_loose(row: Sequence[object]) -> tuple[object, ...]:
    return tuple(True if name == "is_loose" else value for name, value in zip(COLUMNS, row, strict=True))
