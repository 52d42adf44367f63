import orjson
import pytest
from django.conf import settings as live_settings
from django.db import transaction

from tradewatch.inbox import queries, queue_postgres, queue_sqlite
from tradewatch.inbox.envelope import parse_envelope
from tradewatch.inbox.limits import current_limits
from tradewatch.inbox.models import Cursor
from tradewatch.inbox.queue import DIGEST_CURSOR, Backlog
from tradewatch.inbox.services import enqueue, enqueue_event, event_envelope

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inbox")]


def read_queue():
    if live_settings.IS_POSTGRES:
        with transaction.atomic():
            return queue_postgres.claim(limit=100, max_bytes=1 << 30)
    return queue_sqlite.read_after(0, limit=100, max_bytes=1 << 30)


def test_enqueued_bytes_are_in_the_queue_and_the_digest_is_kicked(monkeypatch):
    kicks = []
    monkeypatch.setattr("tradewatch.inbox.services.kick", kicks.append)
    enqueue(7, b"{}\n", received_at=12.5)
    (row,) = read_queue()
    assert (row.project_id, row.received_at, row.encoding, row.body) == (7, 12.5, "identity", b"{}\n")
    assert kicks == ["digest"]


def test_an_event_document_becomes_an_envelope_with_its_id():
    event_id = enqueue_event(1, {"message": "from TradeWatch itself"})
    (row,) = read_queue()
    envelope = parse_envelope(row.body, current_limits())
    assert envelope.headers == {"event_id": event_id}
    (item,) = envelope.items
    assert item.type == "event"
    assert orjson.loads(item.payload) == {"event_id": event_id, "message": "from TradeWatch itself"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("9ec79c33ec9942ab8353589fcb2e04dc", "9ec79c33ec9942ab8353589fcb2e04dc"),
        ("9EC79C33-EC99-42AB-8353-589FCB2E04DC", "9ec79c33ec9942ab8353589fcb2e04dc"),
    ],
)
def test_an_event_keeps_the_id_it_has(given, kept):
    assert event_envelope({"event_id": given})[0] == kept


def test_backlog_says_what_waits():
    assert queries.backlog() == Backlog(0, None)
    enqueue(1, b"{}\n", received_at=5.0)
    enqueue(1, b"{}\n", received_at=6.0)
    assert queries.backlog() == Backlog(2, 5.0)


def test_digest_position_is_the_cursor():
    assert queries.digest_position() == 0
    Cursor.objects.create(name=DIGEST_CURSOR, position=41)
    assert queries.digest_position() == 41
