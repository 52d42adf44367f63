"""What a batch was asked for, as whoever works on it needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from debugging.choices import BatchKind, ReplayState
from debugging.models import Replay, ReplayBatch

MOST_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """`at_once`: as it was asked for, and as its target takes them. `waiting`: replays not begun yet, in order."""

    batch_id: int
    project_id: int
    kind: BatchKind
    at_once: int
    most_tries: int
    modifications: Mapping[str, Any]
    waiting: Sequence[int]


def read_plan(batch_id: int) -> Plan:
    row = ReplayBatch.objects.select_related("session", "target").get(pk=batch_id)
    asked = orjson.loads(row.asked or "{}")
    most = row.target.most_at_once if row.target is not None else 1
    waiting = Replay.objects.filter(batch=row, state=ReplayState.QUEUED).order_by("position")
    return Plan(
        batch_id=row.pk,
        project_id=row.session.project_id,
        kind=BatchKind(row.kind),
        at_once=max(1, min(asked.get("at_once", MOST_AT_ONCE), most, MOST_AT_ONCE)),
        most_tries=row.total,
        modifications=asked.get("modifications", {}),
        waiting=list(waiting.values_list("pk", flat=True)),
    )
