"""Envelopes of @sentry/browser's Replay, as its `createReplayEnvelope` and `prepareRecordingData` build them."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.db import transaction

from debugging.recordings.digest import ReplayHandler
from tests.errors.builders import arrive
from tests.projects.builders import make_project
from tradewatch.inbox.envelope import Item
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 23, 9, 30, 15, tzinfo=UTC)
REPLAY_ID = "a" * 32
PAGE = "https://desk.example/ticket"


def custom(tag: str, at: datetime = NOW, **payload: Any) -> dict[str, Any]:
    return {"type": 5, "timestamp": at.timestamp() * 1000, "data": {"tag": tag, "payload": payload}}


def crumb(category: str, message: str = "", at: datetime = NOW, **more: Any) -> dict[str, Any]:
    return custom("breadcrumb", at, type="default", category=category, message=message, **more)


def meta(url: str = PAGE, at: datetime = NOW) -> dict[str, Any]:
    return {"type": 4, "timestamp": at.timestamp() * 1000, "data": {"href": url, "width": 1280, "height": 800}}


def snapshot(*nodes: Any, at: datetime = NOW) -> dict[str, Any]:
    tree = {"type": 0, "id": 1, "childNodes": list(nodes)}
    return {"type": 2, "timestamp": at.timestamp() * 1000, "data": {"node": tree, "initialOffset": {"top": 0}}}


def replay_event(number: int = 0, at: datetime = NOW, **fields: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": "replay_event",
        "replay_id": REPLAY_ID,
        "event_id": REPLAY_ID,
        "segment_id": number,
        "replay_type": "session",
        "timestamp": at.timestamp(),
        "replay_start_timestamp": (NOW - timedelta(seconds=30)).timestamp(),
        "urls": [PAGE],
        "error_ids": [],
        "trace_ids": [],
        "environment": "production",
        "release": "desk@1.2.0",
        "sdk": {"name": "sentry.javascript.browser", "version": "10.78.0"},
        "request": {"url": PAGE, "headers": {"User-Agent": "Mozilla/5.0"}},
        "user": {"id": "trader-7"},
    }
    return {**document, **fields}


def recording(number: int, events: Sequence[Any], *, is_packed: bool = True) -> bytes:
    body = json.dumps(list(events)).encode()  # also what is nested deeper than orjson writes
    return orjson.dumps({"segment_id": number}) + b"\n" + (zlib.compress(body) if is_packed else body)


def send(
    number: int = 0,
    events: Sequence[Any] | None = None,
    *,
    project: Project | None = None,
    at: datetime = NOW,
    payload: bytes | None = None,
    replay_id: str = REPLAY_ID,
    **fields: Any,
) -> None:
    """Digest one segment with its replay_event, the way the worker does."""
    arrival = replace(arrive(project or make_project(), received_at=at), headers={"event_id": replay_id})
    said = replay_event(number, at, **{"replay_id": replay_id, **fields})
    given = [meta(at=at), crumb("ui.click", "button#buy", at)] if events is None else events
    items = [
        Item("replay_event", {}, orjson.dumps(said)),
        Item("replay_recording", {}, recording(number, given) if payload is None else payload),
    ]
    handler = ReplayHandler()
    drafts = [draft for item in items if (draft := handler.prepare(item, arrival)) is not None]
    if drafts:
        with transaction.atomic():
            handler.store(drafts, now=at)
