from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest
import zstandard

from tests.inbox.builders import make_arrival, make_envelope, queue_up
from tradewatch.inbox.choices import KEPT_JSON_TYPES
from tradewatch.inbox.digest import DigestStats, digest_batch
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Unreadable
from tradewatch.inbox.keep import KeepHandler
from tradewatch.inbox.kept_items import CHUNK_BYTES, identity_of, plain_text
from tradewatch.inbox.models import AttachmentChunk, KeptItem
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EVENT_ID = "a" * 32


@pytest.fixture
def project(db):
    return Project.objects.create(name="Desk", slug="desk-11", scrub_fields=["account_pin"])


def keep(project, *deliveries, **arrival):
    """Each delivery is (type, payload[, item headers]), kept in a batch of its own."""
    handler = KeepHandler()
    for kind, payload, *headers in deliveries:
        raw = payload if isinstance(payload, bytes) else orjson.dumps(payload)
        draft = handler.prepare(Item(kind, headers[0] if headers else {}, raw), make_arrival(project, **arrival))
        if draft is not None:
            handler.store([draft], now=NOW)


def document_of(item: KeptItem):
    return orjson.loads(zstandard.decompress(bytes(item.payload)))


@pytest.mark.parametrize("kind", sorted(KEPT_JSON_TYPES))
def test_documents_are_kept_scrubbed(project, kind):
    keep(project, (kind, {"symbol": "EURUSD", "account_pin": "4711", "items": [1, 2]}))
    item = KeptItem.objects.get()
    document = document_of(item)
    assert (item.item_type, item.meta, document["symbol"]) == (kind, {"item_count": 2}, "EURUSD")
    assert b"4711" not in orjson.dumps(document)


def test_where_an_item_came_from_is_told_by_itself_or_by_the_trace_header(project, settings):
    settings.SENTRY_ENVIRONMENT = "production"
    trace = {"trace_id": "t" * 32, "environment": "staging", "release": "1.2"}
    keep(project, ("log", {}), trace=trace)
    keep(project, ("session", {"environment": "canary", "release": "1.3"}), trace=trace, event_id=EVENT_ID)
    keep(project, ("sessions", {"environment": 7}), trace="odd")
    rows = KeptItem.objects.order_by("id").values_list("trace_id", "environment", "release", "event_id")
    assert list(rows) == [
        ("t" * 32, "staging", "1.2", None),
        ("t" * 32, "canary", "1.3", UUID(EVENT_ID)),
        ("", "production", "", None),
    ]


def test_a_wrong_clock_is_noted_for_who_reads_it_later(project):
    keep(project, ("log", {}), drift=timedelta(hours=2))
    assert KeptItem.objects.get().meta == {"drift_seconds": 7200.0}


class TestDuplicates:
    @pytest.mark.parametrize(
        "delivery",
        [
            ("check_in", {"check_in_id": "c1", "status": "ok"}),
            ("session", {"sid": "s1", "seq": 3}),
            ("user_report", {"event_id": EVENT_ID, "comments": "it broke"}),
        ],
    )
    def test_an_item_with_an_id_of_its_own_is_kept_once(self, project, delivery):
        keep(project, delivery, delivery)
        assert KeptItem.objects.count() == 1

    def test_states_of_one_check_in_are_items_of_their_own(self, project):
        keep(project, *(("check_in", {"check_in_id": "c1", "status": status}) for status in ("in_progress", "ok")))
        assert KeptItem.objects.count() == 2

    def test_equal_containers_without_an_id_are_two(self, project):
        keep(project, ("log", {"items": []}), ("log", {"items": []}))
        assert KeptItem.objects.count() == 2

    def test_an_attachment_of_an_event_is_kept_once_and_others_of_it_too(self, project):
        one, other = ("attachment", b"abc", {"filename": "a"}), ("attachment", b"abc", {"filename": "b"})
        keep(project, one, one, other, event_id=EVENT_ID)
        assert [item.meta["filename"] for item in KeptItem.objects.order_by("id")] == ["a", "b"]
        assert AttachmentChunk.objects.count() == 2

    def test_projects_do_not_share_identities(self, project):
        delivery = ("check_in", {"check_in_id": "c1", "status": "ok"})
        keep(project, delivery)
        keep(Project.objects.create(name="Other", slug="other-11"), delivery)
        assert KeptItem.objects.count() == 2


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES + 7])
def test_attachments_come_back_from_their_chunks(project, size):
    data = bytes(range(256)) * (size // 256 + 1)
    headers = {"filename": "dump\0.bin", "content_type": "application/x", "attachment_type": 5}
    keep(project, ("attachment", data[:size], headers), event_id=EVENT_ID)
    item = KeptItem.objects.get()
    chunks = [bytes(chunk.data) for chunk in item.chunks.order_by("number")]
    assert b"".join(chunks) == data[:size]
    assert all(len(chunk) <= CHUNK_BYTES for chunk in chunks)
    assert item.meta == {"filename": "dump.bin", "content_type": "application/x", "bytes": size}


@pytest.mark.parametrize("payload", [b"", b"[]", b"12", b'{"a":', b"\xff"])
def test_what_is_no_document_is_unreadable(project, payload):
    with pytest.raises(Unreadable, match="The log item is not "):
        keep(project, ("log", payload))


def test_what_is_nested_too_deeply_is_unreadable(project):
    with pytest.raises(Unreadable, match="nested too deeply"):
        keep(project, ("log", b'{"a":' * 300 + b"1" + b"}" * 300))


@pytest.mark.parametrize(
    ("switch", "value", "kind", "is_kept"),
    [
        ("SENTRY_ENABLE_SESSION_REPLAY", False, "replay_event", False),
        ("SENTRY_ENABLE_SESSION_REPLAY", True, "replay_event", True),
        ("SENTRY_ENABLE_SESSION_REPLAY", False, "replay_recording", False),
        ("SENTRY_ENABLE_SESSION_REPLAY", True, "replay_recording", True),
        ("SENTRY_ENABLE_CUSTOM_METRICS", True, "trace_metric", True),
        ("SENTRY_ENABLE_CUSTOM_METRICS", False, "trace_metric", False),
        ("SENTRY_ENABLE_PERFORMANCE_MONITORING", True, "span", True),
        ("SENTRY_ENABLE_PERFORMANCE_MONITORING", False, "span", False),
        ("SENTRY_ENABLE_SESSION_REPLAY", True, "profile", False),
        ("SENTRY_ENABLE_SESSION_REPLAY", True, "something_new", False),
    ],
)
def test_switches_decide_what_is_kept(project, settings, switch, value, kind, is_kept):
    setattr(settings, switch, value)
    keep(project, (kind, {}))
    assert KeptItem.objects.exists() is is_kept


def test_identities_keep_their_parts_apart():
    assert identity_of("ab", "c") != identity_of("a", "bc")
    assert identity_of(1, b"x", None) == identity_of(1, b"x", None)


@pytest.mark.parametrize(
    ("value", "expected"), [("a\0b", "ab"), ("\ud800", "?"), ("x" * 9, "xxxxx"), (None, ""), (5, ""), ({}, "")]
)
def test_texts_fit_their_columns(value, expected):
    assert plain_text(value, 5) == expected


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("inbox")
def test_an_envelope_delivered_twice_is_digested_twice_and_kept_once():
    project = Project.objects.create(name="Walk", slug="walk-11")
    body = make_envelope(
        ("check_in", {"check_in_id": "c1"}), ("attachment", b"abc"), ("profile", {}), event_id=EVENT_ID
    )
    queue_up(body, body, project_id=project.pk)
    assert digest_batch({"*": KeepHandler()}, now=NOW) == DigestStats(rows=2, stored=4, discarded=2)
    queue_up(body, project_id=project.pk)
    digest_batch({"*": KeepHandler()}, now=NOW)
    kept = KeptItem.objects.order_by("item_type").values_list("item_type", flat=True)
    assert list(kept) == ["attachment", "check_in"]
    assert AttachmentChunk.objects.count() == 1
