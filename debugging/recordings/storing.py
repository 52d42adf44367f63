"""Stores what was digested of recordings, each segment once, and makes room for them."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction

from debugging.choices import RefKind
from debugging.models import BrowserReplay, BrowserReplayRef, BrowserReplaySegment
from debugging.recordings.drafts import ReplayDraft, Segment
from debugging.recordings.protocol import MOST_REFS, Told
from debugging.recordings.quota import make_room
from tradewatch.core.live import push
from tradewatch.inbox.choices import discarded_series
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.projects.sightings import see_environments

OVER_QUOTA = "over the project's quota"
MOST_URLS = 200


def store_drafts(drafts: Sequence[ReplayDraft], *, now: datetime) -> None:
    """In the order of keys: two digests that meet on the same replays wait for each other, in no circle."""
    for draft in sorted(drafts, key=_key):
        row = _row_of(draft)
        if draft.told is not None:
            _tell(row, draft.told, draft.received_at)
        if draft.segment is not None:
            _keep(row, draft.segment, draft.received_at)
    see_environments({(draft.project_id, draft.environment) for draft in drafts}, now=now)
    for project_id in {draft.project_id for draft in drafts}:
        transaction.on_commit(partial(push, "debug", project_id))


def _row_of(draft: ReplayDraft) -> BrowserReplay:
    """Return the replay, locked; one that is new begins and ends when it was received, until a segment says more."""
    found = BrowserReplay.objects.select_for_update().filter(project=draft.project_id, replay_id=draft.replay_id)
    row = found.first()
    if row is not None:
        return row
    at = draft.received_at
    first = draft.told.at if draft.told else draft.segment and draft.segment.first
    try:
        with transaction.atomic():
            return BrowserReplay.objects.create(
                project_id=draft.project_id,
                replay_id=draft.replay_id,
                environment=draft.environment,
                started_at=first or at,
                ended_at=first or at,
                received_at=at,
            )
    except IntegrityError:  # another digest made it
        return found.get()


def _tell(row: BrowserReplay, told: Told, received_at: datetime) -> None:
    """Add what a `replay_event` says: told again, or late, it changes nothing that is known."""
    row.kind, row.environment = row.kind or told.kind, told.environment
    row.release = row.release or told.release
    row.started_at = min(row.started_at, told.started_at or told.at)
    row.ended_at = max(row.ended_at, told.at)
    row.received_at = max(row.received_at, received_at)
    row.facts = {**told.facts, **row.facts}
    known = sum(len(urls) for number, urls in row.urls.items() if number != str(told.number))
    if told.urls and known < MOST_URLS:
        row.urls = {**row.urls, str(told.number): list(told.urls[: MOST_URLS - known])}
    row.save()
    left = MOST_REFS * 2 - row.refs.count()
    named = [(RefKind.ERROR, each) for each in told.errors] + [(RefKind.TRACE, each) for each in told.traces]
    refs = [BrowserReplayRef(replay=row, kind=kind, value=value) for kind, value in named]
    BrowserReplayRef.objects.bulk_create(refs[: max(0, left)], ignore_conflicts=True)


def _keep(row: BrowserReplay, segment: Segment, received_at: datetime) -> None:
    if row.segments.filter(number=segment.number).exists():
        return
    size, refused = len(segment.data), segment.refused
    if not refused and not make_room(row, size, now=received_at):
        refused = OVER_QUOTA
    kept = BrowserReplaySegment(
        replay=row,
        number=segment.number,
        received_at=received_at,
        event_count=0 if refused else segment.event_count,
        plain_bytes=0 if refused else segment.plain_bytes,
        counts=segment.counts or {},
        timeline=segment.timeline or [],
        refused=refused,
        data=b"" if refused else segment.data,
    )
    kept.save(force_insert=True)  # once: the replay is locked, and the database holds it too
    if refused:
        add_counts([CountRow(row.project_id, "", discarded_series("replay_recording"), received_at.timestamp())])
    row.segment_count += 1
    row.event_count += kept.event_count
    row.stored_bytes += len(kept.data)
    row.started_at = min(row.started_at, segment.first or row.started_at)
    row.ended_at = max(row.ended_at, segment.last or row.ended_at)
    row.received_at = max(row.received_at, received_at)
    row.save()


def _key(draft: ReplayDraft) -> tuple[int, str, int]:
    part = draft.told or draft.segment
    return draft.project_id, draft.replay_id.hex, part.number if part else 0
