"""What `prepare` makes of the bytes that a client sent."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
import zstandard

from tests.errors.builders import arrive, digest
from tests.errors.documents import NOW, make_event, make_exception
from tests.projects.builders import make_project
from tradewatch.errors.digest import ErrorHandler
from tradewatch.errors.drafts import Draft
from tradewatch.errors.models import Event, Issue, TagCount
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival, Unreadable
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db


def prepare(payload: bytes | dict[str, Any], *, project: Project | None = None, **arrival: Any) -> Draft:
    came = arrive(project or make_project())
    values = {name: getattr(came, name) for name in Arrival.__slots__} | arrival
    raw = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    return ErrorHandler().prepare(Item("event", {}, raw), Arrival(**values))


@pytest.mark.parametrize("payload", [b"", b"[]", b'"text"', b"{"])
def test_what_is_no_event_is_said_to_be_unreadable(payload: bytes) -> None:
    with pytest.raises(Unreadable):
        prepare(payload)


def test_an_empty_object_is_an_event() -> None:
    digest({})
    assert Event.objects.get().issue.title == "Event without a message"


def test_the_envelopes_id_beats_the_events() -> None:
    draft = prepare(make_event(), headers={"event_id": "fc6d8c0c43fc4630ad850ee518f1b9d0"})
    assert draft.event_id.hex == "fc6d8c0c43fc4630ad850ee518f1b9d0"


def test_times_are_corrected_by_the_drift_and_never_lie_ahead() -> None:
    early = make_event(timestamp=(NOW - timedelta(hours=2)).timestamp())
    assert prepare(early, drift=timedelta(hours=1)).timestamp == NOW - timedelta(hours=1)
    assert prepare(make_event(timestamp=(NOW + timedelta(days=1)).timestamp())).timestamp == NOW


def test_a_password_is_in_nothing_that_is_stored() -> None:
    secret = "hunter2-very-secret"
    event = make_event(
        make_exception(value="login failed"),
        request={"headers": {"Authorization": f"Bearer {secret}"}, "data": {"password": secret}},
        extra={"api_key": secret},
    )
    draft = prepare(event)
    assert secret.encode() not in zstandard.decompress(draft.payload)
    assert secret not in repr(draft.facts)


def test_what_a_project_wants_removed_is_removed() -> None:
    project = make_project(scrub_fields=["account_pin"])
    stored = zstandard.decompress(prepare(make_event(extra={"account_pin": "48151623"}), project=project).payload)
    assert b"48151623" not in stored
    assert b"account_pin" in stored


@pytest.mark.parametrize("keeps", [True, False])
def test_an_address_tells_users_apart_whether_it_is_kept_or_not(keeps: bool) -> None:
    project = make_project(keeps_ip_addresses=keeps)
    users = [{"ip_address": "203.0.113.7"}, {"ip_address": "203.0.113.7"}, {"ip_address": "203.0.113.8"}]
    digest(*(make_event(user=user) for user in users), project=project)
    assert Issue.objects.get().user_count == 2
    assert any("203.0.113.7" in str(event.payload) for event in Event.objects.all()) is keeps


def test_the_stored_document_is_the_canonical_one() -> None:
    digest(make_event(level="fatal", tags=[["venue", "lmax"], ["desk", 7]]))
    payload = Event.objects.get().payload
    assert payload["level"] == "critical"
    assert payload["tags"] == {"venue": "lmax", "desk": "7"}
    assert TagCount.objects.get(key="desk").value == "7"


@pytest.mark.parametrize(
    "weird",
    [
        {"exception": {"type": "Lone", "value": 17}},
        {"exception": [None, {"type": None, "value": {"a": 1}}]},
        {"exception": {"values": [{"type": "X" * 999, "value": "v" * 9999, "stacktrace": {"frames": [None, 7]}}]}},
        {"logentry": "text alone", "level": 50, "release": 4.12, "environment": {"a": 1}},
        {"tags": None, "user": "ann", "contexts": [], "request": "GET /", "fingerprint": "one"},
        {"message": "NUL \x00 inside", "transaction": "t" * 999, "contexts": {"trace": {"trace_id": "x" * 99}}},
        {"user": {"id": {"deep": [1, 2]}}, "contexts": {"runtime": "CPython", "os": None}},
    ],
)
def test_weird_events_are_stored_all_the_same(weird: dict[str, Any]) -> None:
    digest({"event_id": "fc6d8c0c43fc4630ad850ee518f1b9d0", **weird})
    assert Issue.objects.get().event_count == Event.objects.count() == 1
