"""The mark of simulated events: ours is read, by either queue, and nobody else can make or move one."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.errors.documents import make_event
from tests.projects.builders import make_project
from tradewatch.errors.models import Event, Issue
from tradewatch.inbox.digest import digest_batch
from tradewatch.inbox.envelope import Item, build_envelope, parse_envelope
from tradewatch.inbox.limits import Limits
from tradewatch.inbox.services import enqueue
from tradewatch.inbox.simulating import HEADER, enqueue_simulated, simulated_by, simulated_envelope
from tradewatch.ingest.dispatch import HANDLERS

_BOUNDS = 1 << 30
LIMITS = Limits(envelope_bytes=_BOUNDS, header_bytes=_BOUNDS, item_bytes=_BOUNDS, attachment_bytes=_BOUNDS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["notifies", "digest", "x"]), inner),
)


def read(body: bytes, project_id: int = 1) -> Any:
    envelope = parse_envelope(body, LIMITS)
    return simulated_by(envelope.headers, envelope.items, project_id)


def forged(body: bytes, **changes: Any) -> bytes:
    """Return the envelope with another mark, project or payload, as somebody who saw one would send it."""
    envelope = parse_envelope(body, LIMITS)
    headers = {**envelope.headers, HEADER: {**envelope.headers[HEADER], **changes.get("mark", {})}}
    items = changes.get("items", envelope.items)
    return build_envelope(headers, items)


def test_ours_is_read_and_says_whether_people_are_told() -> None:
    for notifies in (True, False):
        event_id, body = simulated_envelope(1, {"message": "x"}, notifies=notifies)
        found = read(body)
        assert found is not None and found.notifies is notifies
        assert parse_envelope(body, LIMITS).headers["event_id"] == event_id


def test_a_mark_is_good_for_its_payload_and_project_alone() -> None:
    _, body = simulated_envelope(1, {"message": "x"}, notifies=False)
    item = parse_envelope(body, LIMITS).items[0]
    other = Item("event", {}, orjson.dumps({"message": "mine"}))
    assert read(body, project_id=2) is None
    for fake in (
        forged(body, mark={"notifies": True}),
        forged(body, mark={"digest": "0" * 64}),
        forged(body, items=[other]),
        forged(body, items=[item, other]),
        forged(body, items=[Item("transaction", {}, item.payload)]),
        forged(body, items=[]),
    ):
        assert read(fake) is None


def test_an_older_key_still_reads_it(settings: Any) -> None:
    _, body = simulated_envelope(1, {}, notifies=False)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert read(body) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert read(body) is None


@given(JSON)
def test_no_header_of_a_client_makes_one(mark: Any) -> None:
    body = build_envelope({"event_id": "0" * 32, HEADER: mark}, [Item("event", {}, b"{}")])
    assert read(body) is None


@pytest.mark.django_db
@pytest.mark.usefixtures("inbox")
def test_through_the_queue_ours_is_simulated_and_a_claim_is_an_ordinary_event() -> None:
    project = make_project()
    ours = enqueue_simulated(project.pk, make_event(), notifies=False)
    document = make_event(tags={"simulated": "yes"}, is_simulated=True, contexts={"simulated": {"yes": True}})
    headers = {"event_id": document["event_id"], HEADER: {"notifies": True, "digest": "f" * 64}, "is_simulated": True}
    item = Item("event", {"is_simulated": True, HEADER: True}, orjson.dumps(document))
    enqueue(project.pk, build_envelope(headers, [item]))
    while digest_batch(HANDLERS).rows:
        pass
    marks = {event.event_id.hex: event.is_simulated for event in Event.objects.all()}
    assert marks == {ours: True, document["event_id"]: False}
    assert Issue.objects.get(is_simulated=False).event_count == 1
