"""What is kept of a recording: each segment once, in any order, scrubbed, within its limits."""

import threading
import zlib
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection

from debugging.models import BrowserReplay, BrowserReplayRef, BrowserReplaySegment
from debugging.recordings.digest import ReplayHandler
from tests.at_once import until_done
from tests.debugging.recordings.builders import (
    NOW,
    PAGE,
    REPLAY_ID,
    crumb,
    custom,
    meta,
    recording,
    send,
    snapshot,
)
from tests.errors.builders import arrive
from tests.projects.builders import make_project
from tradewatch.core.frames import decompress
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Unreadable
from tradewatch.ingest.dispatch import HANDLERS

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.SENTRY_ENABLE_SESSION_REPLAY = True


def events_of(segment: BrowserReplaySegment) -> Any:
    return orjson.loads(decompress(segment.data))


def test_a_segment_is_kept_with_what_is_told_of_it() -> None:
    error_id, trace_id = "b" * 32, "c" * 32
    send(error_ids=[error_id, error_id, "no id"], trace_ids=[trace_id], urls=[PAGE, f"{PAGE}?symbol=ACME"])
    row = BrowserReplay.objects.get()
    assert (row.replay_id.hex, row.kind, row.environment, row.release) == (
        REPLAY_ID,
        "session",
        "production",
        "desk@1.2.0",
    )
    assert (row.started_at, row.ended_at, row.visited) == (
        NOW - timedelta(seconds=30),
        NOW,
        [PAGE, f"{PAGE}?symbol=ACME"],
    )
    assert row.facts == {"user": "trader-7", "sdk": "sentry.javascript.browser 10.78.0", "agent": "Mozilla/5.0"}
    assert set(row.refs.values_list("kind", "value")) == {("error", UUID(error_id)), ("trace", UUID(trace_id))}
    segment = row.segments.get()
    assert [event["type"] for event in events_of(segment)] == [4, 5]
    assert (row.segment_count, row.event_count, row.stored_bytes) == (1, 2, len(segment.data))
    assert [entry["text"] for entry in segment.timeline] == [f"Page {PAGE}", "Clicked button#buy"]


def test_text_without_compression_is_read_too() -> None:
    send(payload=recording(0, [meta()], is_packed=False))
    assert BrowserReplay.objects.get().event_count == 1


def test_a_segment_that_comes_twice_counts_once_and_late_ones_find_their_place() -> None:
    send(2, at=NOW + 2 * MINUTE, urls=["https://desk.example/c"], replay_start_timestamp=None)
    send(0, at=NOW, urls=["https://desk.example/a"])
    for _ in range(2):
        send(1, at=NOW + MINUTE, urls=["https://desk.example/b"], error_ids=["b" * 32])
    row = BrowserReplay.objects.get()
    assert list(row.segments.values_list("number", flat=True)) == [0, 1, 2]
    assert (row.segment_count, row.event_count) == (3, 6)
    assert row.visited == [f"https://desk.example/{each}" for each in "abc"]
    assert (row.started_at, row.ended_at) == (NOW - timedelta(seconds=30), NOW + 2 * MINUTE)
    assert row.stored_bytes == sum(len(segment.data) for segment in row.segments.all())
    assert BrowserReplayRef.objects.count() == 1


def test_projects_have_their_own_replay_of_an_id() -> None:
    send()
    send(project=make_project("other"))
    assert BrowserReplay.objects.count() == 2


def test_switched_off_nothing_is_kept(settings: Any) -> None:
    settings.SENTRY_ENABLE_SESSION_REPLAY = False
    handler = HANDLERS["replay_recording"]
    assert isinstance(handler, ReplayHandler) and HANDLERS["replay_event"] is handler
    assert handler.prepare(Item("replay_recording", {}, recording(0, [meta()])), arrive(make_project())) is None
    send()
    assert not BrowserReplay.objects.exists()


def test_secrets_are_taken_out_of_what_is_told_and_of_what_was_recorded() -> None:
    link = {
        "type": 2,
        "tagName": "a",
        "id": 9,
        "attributes": {"href": f"{PAGE}?access_token={TOKEN}"},
        "childNodes": [],
    }
    events = [
        meta(f"{PAGE}?access_token={TOKEN}"),
        crumb("console", f"token {TOKEN}", level="error"),
        custom("performanceSpan", op="resource.fetch", description=f"/a?api_key={TOKEN}", data={"statusCode": 200}),
        custom("breadcrumb", category="ui.input", message="input", data={"password": "hunter2-hunter2"}),
        snapshot(link),
    ]
    send(events=events, urls=[f"{PAGE}?access_token={TOKEN}"], user={"id": "t", "password": "hunter2-hunter2"})
    row = BrowserReplay.objects.get()
    held = orjson.dumps([row.urls, row.facts, row.segments.get().timeline]) + decompress(row.segments.get().data)
    assert TOKEN.encode() not in held and b"hunter2" not in held
    assert row.event_count == 5 and len(events_of(row.segments.get())) == 5


def test_one_address_with_a_secret_costs_no_other() -> None:
    send(urls=[f"{PAGE}?session=1&access_token={TOKEN}", f"{PAGE}?placed=1"])
    first, second = BrowserReplay.objects.get().visited
    assert first.startswith(PAGE) and TOKEN not in first and second == f"{PAGE}?placed=1"


def test_a_page_nested_deeper_than_documents_are_is_kept_whole() -> None:
    node: Any = {"type": 3, "textContent": "leaf", "id": 2}
    for number in range(200):
        node = {"type": 2, "tagName": "div", "attributes": {}, "childNodes": [node], "id": number + 3}
    node["attributes"]["href"] = f"{PAGE}?access_token={TOKEN}"
    send(events=[snapshot(node)])
    plain = decompress(BrowserReplaySegment.objects.get().data)
    assert b"leaf" in plain and TOKEN.encode() not in plain and b"nested too deep" not in plain


def test_a_bomb_is_not_inflated_beyond_the_limit_and_is_said(settings: Any) -> None:
    settings.REPLAY_SEGMENT_MAX_BYTES = 100_000
    bomb = b'{"segment_id":0}\n' + zlib.compress(b"[" + b" " * 50_000_000 + b"]", 9)
    assert len(bomb) < 60_000
    send(payload=bomb)
    segment = BrowserReplaySegment.objects.get()
    assert (segment.refused, bytes(segment.data), segment.event_count) == ("larger than 100000 bytes", b"", 0)
    send(1, payload=recording(1, [crumb("console", "x" * 200_000)], is_packed=False))
    assert BrowserReplaySegment.objects.filter(refused="larger than 100000 bytes").count() == 2


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "no header"),
        (b'{"segment_id":0}', "no header"),
        (b"nonsense\n[]", "header is not JSON"),
        (b"[]\n[]", "segment_id is not a number"),
        (b'{"segment_id":-1}\n[]', "segment_id is not a number"),
        (b'{"segment_id":true}\n[]', "segment_id is not a number"),
        (b'{"segment_id":10000}\n[]', "segment_id is not a number"),
        (b'{"segment_id":0}\nabc', "neither JSON nor compressed"),
        (b'{"segment_id":0}\n' + zlib.compress(b"[]" * 1000)[:-6], "cut off"),
        (b'{"segment_id":0}\n[1,', "not JSON"),
        (b'{"segment_id":0}\n' + zlib.compress(b"{}"), "not a list"),
    ],
)
def test_what_is_no_recording_is_a_dead_letter_that_says_why(payload: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        send(payload=payload)


def test_a_recording_without_its_replays_id_is_a_dead_letter() -> None:
    with pytest.raises(Unreadable, match="which replay"):
        ReplayHandler().prepare(Item("replay_recording", {}, recording(0, [])), arrive(make_project()))


@pytest.mark.parametrize(
    "fields",
    [
        {"urls": "x", "error_ids": {"a": 1}, "trace_ids": None, "contexts": [], "user": "me", "sdk": 3, "tags": 1},
        {"urls": [None, 3, "\0" * 9, "x"], "timestamp": "soon", "replay_start_timestamp": -5, "replay_type": ["x"]},
        {"timestamp": 1e300, "replay_start_timestamp": float("1e12"), "environment": 7, "release": {"a": 1}},
    ],
)
def test_one_wrong_field_costs_that_field(fields: dict[str, Any]) -> None:
    send(events=[{"type": "5"}, {"type": 5, "data": "x", "timestamp": "y"}, 7, None, {"timestamp": 1e15}], **fields)
    row = BrowserReplay.objects.get()
    assert (row.segment_count, row.event_count) == (1, 3)
    assert row.started_at <= row.ended_at <= NOW


@pytest.mark.django_db(transaction=True)
def test_digests_at_once_keep_each_segment_once() -> None:
    project = make_project()

    def run() -> None:
        try:
            for number in range(4):
                until_done(partial(send, number, project=project, at=NOW + number * MINUTE))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = BrowserReplay.objects.get()
    assert (row.segment_count, row.event_count, row.segments.count()) == (4, 8, 4)
