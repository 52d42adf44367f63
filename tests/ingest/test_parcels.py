import base64
import json
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewatch.inbox.decoding import BodyTooLargeError, DecodingError
from tradewatch.inbox.envelope import EnvelopeError, parse_envelope
from tradewatch.inbox.event_ids import normal_event_id
from tradewatch.inbox.limits import Limits
from tradewatch.ingest.parcels import check_in_parcel, envelope_parcel, security_parcels, store_parcel

LIMITS = Limits(envelope_bytes=1 << 20, header_bytes=8192, item_bytes=1_000, attachment_bytes=1_000)
DEEP = b'{"a":' * 300 + b"1" + b"}" * 300
ID = "9ec79c33ec9942ab8353589fcb2e04dc"


def test_an_envelope_with_an_id_is_left_as_it_came():
    plain = b'{"event_id":"%s"}\n{"type":"event"}\n{}' % ID.encode()
    parcel = envelope_parcel(b"compressed", "gzip", plain, LIMITS)
    assert (parcel.event_id, parcel.encoding, parcel.body, parcel.plain) == (ID, "gzip", b"compressed", plain)


@pytest.mark.parametrize("item_type", ["session", "client_report", "attachment", "hologram"])
def test_items_that_need_no_id_do_not_get_one(item_type):
    plain = b'{}\n{"type":"%s"}\n{}' % item_type.encode()
    parcel = envelope_parcel(b"compressed", "gzip", plain, LIMITS)
    assert parcel.body == b"compressed"
    assert normal_event_id(parcel.event_id)


@pytest.mark.parametrize("item_type", ["event", "transaction", "feedback"])
def test_items_that_need_an_id_are_stored_with_the_one_that_is_answered(item_type):
    plain = b'{"dsn":"http://k@h/1"}\n{"type":"%s","length":2}\n{}' % item_type.encode()
    parcel = envelope_parcel(b"compressed", "gzip", plain, LIMITS)
    assert parcel.encoding == "identity"
    assert parse_envelope(parcel.body, LIMITS).headers == {"dsn": "http://k@h/1", "event_id": parcel.event_id}


def legacy(document: bytes) -> bytes:
    return base64.b64encode(zlib.compress(document))


@pytest.mark.parametrize(
    ("body", "item_type", "event_id"),
    [
        (b'{"event_id":"%s"}' % ID.encode(), "event", ID),
        (b'{"event_id":"%s","type":"transaction"}' % ID.encode(), "transaction", ID),
        (b'{"event_id":"%s","type":"error"}' % ID.encode(), "event", ID),
        (b' {"event_id":"9EC79C33-EC99-42AB-8353-589FCB2E04DC","x":NaN}', "event", ID),
        (legacy(b'{"event_id":"%s"}' % ID.encode()), "event", ID),
        (b"{}", "event", None),
        (b'{"event_id":7}', "event", None),
    ],
)
def test_store_requests_become_envelopes(body, item_type, event_id):
    parcel = store_parcel(body, LIMITS)
    if event_id:
        assert parcel.event_id == event_id
    envelope = parse_envelope(parcel.body, LIMITS)
    assert envelope.headers == {"event_id": parcel.event_id}
    assert [item.type for item in envelope.items] == [item_type]


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", base64.b64encode(b"no zlib"), b"{" * 999, legacy(b"[]")])
def test_what_is_no_event_is_refused(body):
    with pytest.raises(EnvelopeError):
        store_parcel(body, LIMITS)


def test_a_store_event_over_the_limit_is_too_large_however_it_is_packed():
    document = b'{"x":"%s"}' % (b"x" * 1_000)
    with pytest.raises(EnvelopeError) as plain:
        store_parcel(document, LIMITS)
    assert plain.value.status == 413
    with pytest.raises(BodyTooLargeError):
        store_parcel(legacy(document), LIMITS)


@pytest.mark.parametrize(
    "make",
    [
        lambda: security_parcels(b"nonsense", b"", LIMITS),
        lambda: security_parcels(b"[]", b"", LIMITS),
        lambda: security_parcels(b'{"csp-report":' + DEEP + b"}", b"", LIMITS),
        lambda: check_in_parcel("nightly", b"status=fine", b"", LIMITS),
        lambda: check_in_parcel("nightly", b"status=ok", b'{"monitor_config":' + DEEP + b"}", LIMITS),
        lambda: envelope_parcel(b"", "gzip", b'{"x":' + DEEP + b'}\n{"type":"event"}\n{}', LIMITS),
    ],
)
def test_what_is_no_report_and_no_check_in_is_refused(make):
    with pytest.raises(EnvelopeError) as refusal:
        make()
    assert refusal.value.status == 400


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_arbitrary_bytes_raise_nothing_but_refusals(body, query):
    for make in (
        lambda: [envelope_parcel(body, "identity", body, LIMITS)],
        lambda: [store_parcel(body, LIMITS)],
        lambda: security_parcels(body, query, LIMITS),
        lambda: [check_in_parcel("nightly", query, body, LIMITS)],
    ):
        try:
            parcels = make()
        except (EnvelopeError, DecodingError):
            continue
        assert all(len(parcel.event_id) == 32 for parcel in parcels)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
report_keys = st.sampled_from(["csp-report", "type", "body", "url", "blocked-uri", "blockedURL", "effective-directive"])


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the reports
@given(st.dictionaries(report_keys, st.dictionaries(report_keys, json_values, max_size=3) | json_values, max_size=4))
def test_any_report_becomes_an_event_or_is_refused(report):
    try:
        parcels = security_parcels(json.dumps(report).encode(), b"", LIMITS)
    except EnvelopeError:
        return
    assert len(parcels) == 1
