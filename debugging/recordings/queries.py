"""Reads of recordings."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from debugging.models import BrowserReplay, BrowserReplaySegment
from debugging.recordings.timeline import COUNTED
from tradewatch.core.faults import Conflict, Unknown
from tradewatch.inbox.event_ids import normal_event_id

MOST_ENTRIES = 1000  # of a page or an answer; the download has all


def recordings_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[BrowserReplay]:
    rows = BrowserReplay.objects.filter(project__in=project_ids).select_related("project")
    return rows.filter(environment=environment) if environment else rows


def find_recording(project_ids: Sequence[int], replay_id: str) -> BrowserReplay:
    """Return the one with this id. Raises `Unknown`, and `Conflict` where several of the projects have one."""
    plain = normal_event_id(replay_id)
    found = list(recordings_of(project_ids).filter(replay_id=plain)[:2]) if plain else []
    if not found:
        raise Unknown("no such recording")
    if len(found) > 1:
        raise Conflict("several projects have a recording with this id", errors={"project": ["say which"]})
    return found[0]


def segments_of(row: BrowserReplay) -> list[BrowserReplaySegment]:
    """Return them in order, without their events."""
    return list(row.segments.defer("data").order_by("number"))


def entries_of(segments: Sequence[BrowserReplaySegment]) -> list[dict[str, Any]]:
    """Return what a person reads, in the order of time."""
    return sorted((entry for segment in segments for entry in segment.timeline), key=lambda entry: entry["at"])


def counts_of(segments: Sequence[BrowserReplaySegment]) -> dict[str, int]:
    """Return {kind: how many}, and under `kind.bad` how many of those failed."""
    names = [*COUNTED, *(f"{kind}.bad" for kind in COUNTED)]
    return {name: sum(segment.counts.get(name, 0) for segment in segments) for name in names}


def missing_of(segments: Sequence[BrowserReplaySegment]) -> list[int]:
    """Return the numbers before the last that never came."""
    known = {segment.number for segment in segments}
    return [number for number in range(max(known, default=-1)) if number not in known]


def page_url(row: BrowserReplay) -> str:
    return f"{settings.PUBLIC_URL}{row.get_absolute_url()}"
