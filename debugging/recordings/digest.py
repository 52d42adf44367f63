"""Digests `replay_event` and `replay_recording`. Off, or what cannot be kept: discarded, and counted as that."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from debugging.recordings.drafts import ReplayDraft, Segment
from debugging.recordings.protocol import (
    BadRecordingError,
    TooLargeError,
    read_events,
    read_recording,
    read_told,
)
from debugging.recordings.scrubbing import scrub_events, scrub_told, written
from debugging.recordings.storing import store_drafts
from debugging.recordings.timeline import read_timeline
from tradewatch.core.frames import compress
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.event_ids import normal_event_id
from tradewatch.inbox.handlers import Arrival, Unreadable
from tradewatch.inbox.keep import read_document
from tradewatch.inbox.scrub import ScrubPolicy

EVENT, RECORDING = "replay_event", "replay_recording"
COMPRESSION_LEVEL = 3


class ReplayHandler:
    """For `replay_event` and `replay_recording`, which come in one envelope that bears the replay's id."""

    def prepare(self, item: Item, arrival: Arrival) -> ReplayDraft | None:
        if not settings.SENTRY_ENABLE_SESSION_REPLAY:
            return None
        try:
            return _told(item, arrival) if item.type == EVENT else _recorded(item, arrival)
        except BadRecordingError as error:
            raise Unreadable(f"The {item.type} item cannot be read: {error}.") from None

    def store(self, drafts: Sequence[ReplayDraft], *, now: datetime) -> None:
        store_drafts(drafts, now=now)


def _told(item: Item, arrival: Arrival) -> ReplayDraft:
    document = read_document(item)
    scrub_told(document, _policy(arrival))
    environment = _environment_of(arrival)
    told = read_told(document, received_at=arrival.received_at, drift=arrival.drift, environment=environment)
    replay_id = _replay_id(document.get("replay_id") or arrival.headers.get("event_id"))
    return ReplayDraft(arrival.project.id, replay_id, arrival.received_at, told.environment, told=told)


def _recorded(item: Item, arrival: Arrival) -> ReplayDraft:
    most = settings.REPLAY_SEGMENT_MAX_BYTES
    segment = Segment(0)
    try:
        number, plain = read_recording(item.payload, most_bytes=most)
        segment = _segment(number, read_events(plain, most_bytes=most), arrival)
    except TooLargeError as error:
        segment = Segment(_number_of(item.payload), refused=str(error))
    replay_id = _replay_id(arrival.headers.get("event_id"))
    environment = _environment_of(arrival)
    return ReplayDraft(arrival.project.id, replay_id, arrival.received_at, environment, segment=segment)


def _segment(number: int, events: list[dict[str, Any]], arrival: Arrival) -> Segment:
    try:
        scrub_events(events, _policy(arrival))
        plain = written(events)
    except RecursionError:
        return Segment(number, refused="nested too deeply")
    read = read_timeline(events)
    first, last = (
        None if each is None else min(datetime.fromtimestamp(each / 1000, UTC) + arrival.drift, arrival.received_at)
        for each in (read.first_ms, read.last_ms)
    )
    data = compress(plain, COMPRESSION_LEVEL)
    return Segment(number, data, len(events), len(plain), read.counts, read.entries, first, last)


def _number_of(payload: bytes) -> int:
    """Of one that is too large to be inflated: its header was read before."""
    return read_recording(payload[: payload.index(b"\n") + 1] + b"[", most_bytes=1)[0]


def _policy(arrival: Arrival) -> ScrubPolicy:
    project = arrival.project
    return ScrubPolicy(keeps_ip_addresses=project.keeps_ip_addresses, extra_fields=project.scrub_fields)


def _environment_of(arrival: Arrival) -> str:
    trace = arrival.headers.get("trace")
    sent = trace.get("environment") if isinstance(trace, dict) else None
    return (sent if isinstance(sent, str) and sent else settings.SENTRY_ENVIRONMENT)[:64]


def _replay_id(value: Any) -> UUID:
    plain = normal_event_id(value) if isinstance(value, str) else None
    if plain is None:
        raise BadRecordingError("neither it nor its envelope says which replay it is of")
    return UUID(hex=plain)
